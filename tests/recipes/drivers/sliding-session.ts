import { api } from '#recipes/sliding-session';
import { outcomeOf } from './outcome';

export const story = {
  read: (id: number, delay = 0) => outcomeOf(api.fetch(`/sliding/notes/${id}?delay=${delay}`)),
  signIn: api.signIn,
  signOut: api.signOut,
  token: () => api.getAccessToken(),
};
