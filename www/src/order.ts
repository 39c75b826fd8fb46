import { get, post, put, type Address, type Cart, type Order } from './api';
import { currentCart, setCart } from './cart';
import { byId, price } from './dom';
import { explain, say } from './messages';

// Kept until the order is known to be placed: one that failed on the way may have arrived all the same, and
// with the same id it is not placed twice.
let orderId = crypto.randomUUID();

/** Saves the address, checks the cart and places the order: three requests at once. */
export async function placeOrder(form: HTMLFormElement, submit: HTMLButtonElement): Promise<void> {
  const address = Object.fromEntries(new FormData(form)) as unknown as Address;
  const { items } = currentCart();
  if (items.length === 0) return say('The cart is empty: add something first.');
  if (form.dataset.sending === 'true') return;
  form.dataset.sending = 'true';
  submit.setAttribute('aria-disabled', 'true');
  byId('order-result').textContent = `Sending order ${orderId} …`;
  say('Sending the order.');
  const [saving, checking, ordering] = await Promise.allSettled([
    put('/address', address),
    get<Cart>('/cart'),
    post<Order>('/orders', { id: orderId, items, address }),
  ]);
  form.dataset.sending = 'false';
  submit.removeAttribute('aria-disabled');

  if (ordering.status === 'fulfilled') {
    placed(ordering.value, saving.status === 'fulfilled');
  } else {
    // The cart and the form stay as they are, but for what another tab has changed.
    setCart(checking.status === 'fulfilled' ? checking.value : currentCart());
    setResult(`Order ${orderId} was not placed. Nothing is lost: submit it again.`);
    explain(ordering.reason);
  }
}

function placed(order: Order, addressSaved: boolean): void {
  orderId = crypto.randomUUID();
  setCart({ items: [], cents: 0 });
  const arrivals = order.arrivals === 1 ? 'once' : `${order.arrivals} times`;
  setResult(`Order ${order.id} for ${price(order.cents)} arrived ${arrivals}.`, order.arrivals);
  say(addressSaved ? 'Order placed.' : 'Order placed, but the address was not saved.', 'good');
}

/** The user may have gone to another page meanwhile. */
function setResult(text: string, arrivals?: number): void {
  const result = document.getElementById('order-result');
  if (!result) return;
  result.textContent = text;
  if (arrivals !== undefined) result.dataset.arrivals = String(arrivals);
}
