import { http } from '#recipes/ky';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => (await http.get<{ text: string }>(`/api/notes/${id}`, { signal }).json()).text,
  write: async (text) => (await http.post<{ hash: string }>('/api/notes', { json: { text } }).json()).hash,
  upload: async (form) => (await http.post<{ hash: string }>('/api/files', { body: form }).json()).hash,
});
