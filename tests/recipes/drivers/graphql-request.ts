import { client } from '#recipes/graphql-request';
import { ADD_NOTE, type AddNoteData, NOTE, type NoteData } from './documents';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => (await client.request<NoteData>({ document: NOTE, variables: { id }, signal })).note.text,
  write: async (text) => (await client.request<AddNoteData>(ADD_NOTE, { text })).addNote,
});
