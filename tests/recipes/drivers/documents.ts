// GraphQL, as all clients of it ask.

export const NOTE = 'query Note($id: Int!) { note(id: $id) { id text } }';
export const ADD_NOTE = 'mutation AddNote($text: String!) { addNote(text: $text) }';

export type NoteData = { note: { id: number; text: string } };
export type AddNoteData = { addNote: string };
