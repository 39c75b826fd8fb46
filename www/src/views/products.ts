import { type Product } from '../api';
import { allProducts, changeQuantity, loadShop, quantityOf } from '../cart';
import { element, price } from '../dom';
import { drawing } from '../drawings';
import { explain, say } from '../messages';
import { unloaded } from './unloaded';

export async function products(): Promise<Node> {
  try {
    await loadShop();
  } catch (error) {
    return unloaded('Products', error);
  }
  return element('section', {},
    element('h1', {}, 'Products'),
    element('ul', { className: 'products' }, ...allProducts().map(card)));
}

function card(product: Product): HTMLElement {
  const button = element('button', { id: `add-${product.id}`, type: 'button', on: { click: () => void add(product, button) } });
  label(product, button);
  return element('li', { className: 'card product' },
    drawing(product.id),
    element('h2', {}, product.name),
    element('p', { className: 'hint' }, product.detail),
    element('div', { className: 'buy' }, element('strong', {}, price(product.cents)), button));
}

function label(product: Product, button: HTMLButtonElement): void {
  const quantity = quantityOf(product.id);
  button.textContent = quantity > 0 ? `Add (${quantity})` : 'Add';
  button.setAttribute('aria-label', quantity > 0
    ? `Add ${product.name} to the cart, which holds ${quantity}`
    : `Add ${product.name} to the cart`);
}

/** One change of a line at a time: two that overtake each other would leave the wrong quantity. */
async function add(product: Product, button: HTMLButtonElement): Promise<void> {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    await changeQuantity(product.id, 1);
    say(`${product.name} is in the cart.`, 'good');
  } catch (error) {
    explain(error);
  } finally {
    button.ariaBusy = null;
    label(product, button);
  }
}
