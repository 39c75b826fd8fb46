import { api } from '#recipes/graphql-errors';
import { dataOf } from './answer';
import { ADD_NOTE, type AddNoteData, NOTE, type NoteData } from './documents';
import { storyOf } from './story';

const ask = async <T>(query: string, variables: object) => (
  dataOf((await api.post<{ data?: T }>('/graphql-errors', { query, variables })).data)
);

export const story = storyOf({
  read: async (id) => (await ask<NoteData>(NOTE, { id })).note.text,
  write: async (text) => (await ask<AddNoteData>(ADD_NOTE, { text })).addNote,
});
