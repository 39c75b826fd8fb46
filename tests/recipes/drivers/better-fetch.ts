import { http } from '#recipes/better-fetch';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => (await http<{ text: string }>(`/api/notes/${id}`, { signal })).text,
  write: async (text) => (await http<{ hash: string }>('/api/notes', { method: 'POST', body: { text } })).hash,
  upload: async (form) => (await http<{ hash: string }>('/api/files', { method: 'POST', body: form })).hash,
});
