import { get, type Address, type Line } from '../api';
import { changeQuantity, currentCart, loadShop, productNamed } from '../cart';
import { byId, element, price } from '../dom';
import { drawing } from '../drawings';
import { explain } from '../messages';
import { placeOrder } from '../order';
import { field } from './login';
import { unloaded } from './unloaded';

const FIELDS: [keyof Address, string, AutoFill][] = [
  ['name', 'Name', 'name'],
  ['street', 'Street', 'street-address'],
  ['city', 'City', 'address-level2'],
  ['country', 'Country', 'country-name'],
];

export async function cart(signal: AbortSignal): Promise<Node> {
  let saved: Address | null;
  try {
    const [{ address }] = await Promise.all([get<{ address: Address | null }>('/address'), loadShop()]);
    saved = address;
  } catch (error) {
    return unloaded('Cart', error);
  }
  const lines = element('div', { id: 'cart-lines' });
  const form = addressForm(saved);
  const draw = () => lines.replaceChildren(...content());
  draw();
  addEventListener('cart', draw, { signal });
  return element('section', {}, element('h1', { id: 'cart-title', tabIndex: -1 }, 'Cart'), lines, form);
}

function content(): HTMLElement[] {
  const { items, cents } = currentCart();
  if (items.length === 0) return [element('p', { className: 'hint' }, 'The cart is empty.')];
  return [
    element('ul', { className: 'lines' }, ...items.map(row)),
    element('p', { className: 'total' }, 'Total ', element('strong', { id: 'cart-total' }, price(cents))),
  ];
}

function row({ productId, quantity }: Line): HTMLElement {
  const product = productNamed(productId);
  const name = product?.name ?? productId;
  const step = (by: number, sign: string, words: string) => {
    const id = `${by > 0 ? 'more' : 'less'}-${productId}`;
    return element('button', {
      id, type: 'button', className: 'step', aria: { label: `${words} ${name}` },
      on: { click: () => void change(productId, by, id) },
    }, sign);
  };
  return element('li', {},
    drawing(productId),
    element('span', { className: 'name' }, name),
    element('span', { className: 'stepper' }, step(-1, '−', 'Remove one:'),
      element('span', { id: `quantity-${productId}` }, String(quantity)), step(1, '+', 'Add one:')),
    element('span', { className: 'sum' }, price(quantity * (product?.cents ?? 0))));
}

async function change(productId: string, by: number, buttonId: string): Promise<void> {
  const button = byId(buttonId);
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    await changeQuantity(productId, by);
    // The line has been drawn anew, or is gone; whoever works with the keyboard should stay where they were.
    (document.getElementById(buttonId) ?? byId('cart-title')).focus();
  } catch (error) {
    explain(error);
  } finally {
    button.ariaBusy = null;
  }
}

function addressForm(saved: Address | null): HTMLFormElement {
  const inputs = FIELDS.map(([name, label, autocomplete]) => field(label, element('input', {
    id: `address-${name}`, name, autocomplete, required: true, maxLength: 200, value: saved?.[name] ?? '',
  })));
  const submit = element('button', { id: 'submit-order', className: 'primary' }, 'Submit order');
  const form = element('form', { className: 'card form', on: { submit: (event) => {
    event.preventDefault();
    void placeOrder(form, submit);
  } } },
    element('h2', {}, 'Deliver to'),
    element('div', { className: 'pairs' }, ...inputs),
    submit,
    element('p', { id: 'order-result', className: 'result' }));
  return form;
}
