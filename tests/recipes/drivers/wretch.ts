import { http } from '#recipes/wretch';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => (
    await http.options({ signal }).url(`/api/notes/${id}`).get().json<{ text: string }>()
  ).text,
  write: async (text) => (await http.url('/api/notes').post({ text }).json<{ hash: string }>()).hash,
  upload: async (form) => (await http.url('/api/files').post(form).json<{ hash: string }>()).hash,
});
