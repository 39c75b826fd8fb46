import { http } from '#recipes/axios';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => (await http.get(`/api/notes/${id}`, { signal })).data.text,
  write: async (text) => (await http.post('/api/notes', { text })).data.hash,
  upload: async (form) => (await http.post('/api/files', form)).data.hash,
});
