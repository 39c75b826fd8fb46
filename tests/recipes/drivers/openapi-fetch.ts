import { client } from '#recipes/openapi-fetch';
import { dataOf } from './answer';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => dataOf(await client.GET('/api/notes/{id}', { params: { path: { id } }, signal })).text,
  write: async (text) => dataOf(await client.POST('/api/notes', { body: { text } })).hash,
  upload: async (form) => dataOf(await client.POST('/api/files', {
    body: { title: '', file: '' }, bodySerializer: () => form,
  })).hash,
});
