import { shown } from '#recipes/dialogs';
import { fetchWithStepUp } from '#recipes/step-up';
import { outcomeOf } from './outcome';

const ask = (id: number) => outcomeOf(fetchWithStepUp('/balance', {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ id }),
}));

export const story = {
  /** As many calls at once, each with a body. */
  balances: (calls: number) => Promise.all(Array.from({ length: calls }, (_, n) => ask(n))),
  shown: () => shown,
};
