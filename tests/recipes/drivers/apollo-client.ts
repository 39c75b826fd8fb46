import { gql } from '@apollo/client';
import { client } from '#recipes/apollo-client';
import { ADD_NOTE, type AddNoteData, NOTE, type NoteData } from './documents';
import { dataOf } from './answer';
import { storyOf } from './story';

export const story = storyOf({
  read: async (id, signal) => dataOf(await client.query<NoteData>({
    query: gql(NOTE), variables: { id }, context: { fetchOptions: { signal } },
  })).note.text,
  write: async (text) => dataOf(await client.mutate<AddNoteData>({
    mutation: gql(ADD_NOTE), variables: { text },
  })).addNote,
});
