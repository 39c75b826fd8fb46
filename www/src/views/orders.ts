import { get, type Order } from '../api';
import { element, price } from '../dom';
import { unloaded } from './unloaded';

const time = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

export async function orders(): Promise<Node> {
  let placed: Order[];
  try {
    ({ orders: placed } = await get<{ orders: Order[] }>('/orders'));
  } catch (error) {
    return unloaded('Orders', error);
  }
  return element('section', {},
    element('h1', {}, 'Orders'),
    placed.length === 0
      ? element('p', { className: 'hint' }, 'Nothing ordered yet.')
      : element('ul', { id: 'orders', className: 'orders' }, ...placed.map(row)));
}

function row({ id, arrivals, placedAt, cents, items, address }: Order): HTMLElement {
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0);
  const to = address ? `, to ${address.name}, ${address.city}` : '';
  return element('li', { className: 'card', data: { order: id, arrivals: String(arrivals) } },
    element('div', { className: 'order-head' },
      element('strong', {}, time.format(new Date(placedAt))), element('strong', {}, price(cents))),
    element('p', {}, `${pieces} ${pieces === 1 ? 'piece' : 'pieces'}${to}`),
    element('p', { className: 'hint' }, element('code', {}, id),
      arrivals === 1 ? ' arrived once' : element('b', { className: 'warn' }, ` arrived ${arrivals} times`)));
}
