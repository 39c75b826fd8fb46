import { element } from '../dom';

const WORDS = [
  ['ok', 'answered', 'the server has answered'],
  ['unauthorized', '401', 'the server does not accept the access token'],
  ['waiting', 'waiting', 'held back until the new token is there'],
  ['refreshing', 'refresh', 'asks the token server for a new token'],
  ['replay', 'replay', 'the same request, sent again with the new token'],
  ['lost', 'failed', 'the app gets an error'],
] as const;

/** The words of the time line, each with its colour. */
export function legend(): HTMLElement {
  return element('dl', { className: 'legend' }, ...WORDS.map(([kind, word, meaning]) => element('div', {},
    element('dt', {}, element('i', { className: `swatch ${kind}`, aria: { hidden: 'true' } }), word),
    element('dd', {}, meaning))));
}
