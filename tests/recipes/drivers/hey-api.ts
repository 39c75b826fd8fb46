import { addFile, addNote, readNote } from '#recipes/client/sdk.gen';
import { dataOf } from './answer';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => dataOf(await readNote({ path: { id }, signal })).text,
  write: async (text) => dataOf(await addNote({ body: { text } })).hash,
  upload: async (form) => dataOf(await addFile({
    body: { title: form.get('title') as string, file: form.get('file') as File },
  })).hash,
});
