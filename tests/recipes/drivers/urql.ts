import { pipe, subscribe } from 'wonka';
import { client } from '#recipes/urql';
import { ADD_NOTE, type AddNoteData, NOTE, type NoteData } from './documents';
import { dataOf } from './answer';
import { storyOf } from './story';

export const story = storyOf({
  read: (id, signal) => new Promise((resolve, reject) => {
    const { unsubscribe } = pipe(client.query<NoteData>(NOTE, { id }), subscribe(({ data, error }) => {
      if (data) resolve(data.note.text);
      else reject(error);
    }));
    signal.addEventListener('abort', () => {
      unsubscribe();
      reject(signal.reason);
    });
  }),
  write: async (text) => dataOf(await client.mutation<AddNoteData>(ADD_NOTE, { text }).toPromise()).addNote,
});
