import { api } from '#recipes/opaque-401';
import { outcomeOf } from './outcome';

export const story = {
  read: (calls: number) => Promise.all(
    Array.from({ length: calls }, (_, n) => outcomeOf(api.fetch(`/silent/notes/${n + 1}`))),
  ),
  write: (text: string) => outcomeOf(api.fetch('/silent/notes', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }),
  })),
  broken: () => outcomeOf(api.fetch('/silent/broken')),
  signIn: api.signIn,
};
