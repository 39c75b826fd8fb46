import { element } from '../dom';
import { explain } from '../messages';
import { show } from '../router';

/** Stands for a page whose content could not be had. */
export function unloaded(title: string, error: unknown): Node {
  explain(error);
  return element('section', {},
    element('h1', {}, title),
    element('p', {}, 'This could not be loaded.'),
    element('button', { id: 'try-again', type: 'button', on: { click: () => void show() } }, 'Try again'));
}
