// dist/ has the text of that file in its place: the shell keeps to these types, and needs nothing of the entries.
export * from '../shell/public.js';
