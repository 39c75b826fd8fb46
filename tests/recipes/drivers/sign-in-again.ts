import { shown } from '#recipes/dialogs';
import { api } from '#recipes/sign-in-again';
import { type Outcome, outcomeOf } from './outcome';

let outcomes: Promise<Outcome[]>;

export const story = {
  /** Begins as many reads. */
  begin(calls: number) {
    outcomes = Promise.all(Array.from({ length: calls }, (_, n) => outcomeOf(api.fetch(`/api/notes/${n + 1}`))));
  },
  outcomes: () => outcomes,
  shown: () => shown,
  session: () => api.session,
};
