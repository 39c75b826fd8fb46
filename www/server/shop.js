/**
 * @typedef {{ id: string, name: string, detail: string, cents: number }} Product
 * @typedef {{ productId: string, quantity: number }} Line
 * @typedef {{ name: string, street: string, city: string, country: string }} Address
 * @typedef {object} Order
 * @property {string} id made by the client, so that a doubled order shows
 * @property {number} arrivals
 * @property {string} placedAt
 * @property {number} cents
 * @property {Line[]} items
 * @property {Address | null} address
 */

/** @type {Product[]} */
export const PRODUCTS = [
  { id: 'mug', name: 'Stoneware mug', detail: '0.3 l, grey glaze', cents: 1800 },
  { id: 'carafe', name: 'Glass carafe', detail: '1 l, hand-blown', cents: 3400 },
  { id: 'lamp', name: 'Reading lamp', detail: 'Oak and brass', cents: 8900 },
  { id: 'notebook', name: 'Linen notebook', detail: '160 pages, dotted', cents: 1450 },
  { id: 'blanket', name: 'Wool blanket', detail: '140 × 200 cm', cents: 7600 },
  { id: 'pen', name: 'Brass pen', detail: 'Refillable', cents: 2900 },
];

// So that an order can be submitted at once.
const FIRST_CART = /** @type {const} */ ([['mug', 2], ['lamp', 1]]);
const FIRST_ADDRESS = { street: '12 St James’s Square', city: 'London', country: 'United Kingdom' };

/** The cart and the orders of each user, in memory. */
export class Shop {
  /** @type {Map<string, { cart: Map<string, number>, address: Address | null, orders: Map<string, Order> }>} */
  #accounts = new Map();

  /** @param {string} user */
  cart(user) {
    return this.#describe(linesOf(this.#account(user).cart));
  }

  /**
   * @param {string} user
   * @param {string} productId
   * @param {number} quantity 0 takes the product out
   * @returns {ReturnType<Shop['cart']> | null} `null` when there is no such product
   */
  putInCart(user, productId, quantity) {
    if (!PRODUCTS.some(({ id }) => id === productId)) return null;
    const { cart } = this.#account(user);
    if (quantity > 0) cart.set(productId, quantity);
    else cart.delete(productId);
    return this.cart(user);
  }

  /** @param {string} user */
  address(user) {
    return this.#account(user).address;
  }

  /**
   * @param {string} user
   * @param {Address} address
   */
  saveAddress(user, address) {
    this.#account(user).address = address;
    return address;
  }

  /**
   * Every arrival of an order is counted; only the first places it.
   *
   * @param {string} user
   * @param {{ id: string, items?: Line[], address?: Address }} wanted
   * @returns {Order}
   */
  order(user, { id, items, address }) {
    const account = this.#account(user);
    const known = account.orders.get(id);
    if (known) {
      known.arrivals += 1;
      return known;
    }
    const bought = this.#describe(items ?? linesOf(account.cart));
    const order = {
      id,
      arrivals: 1,
      placedAt: new Date().toISOString(),
      cents: bought.cents,
      items: bought.items,
      address: address ?? account.address,
    };
    account.orders.set(id, order);
    account.cart.clear();
    return order;
  }

  /** @param {string} user */
  orders(user) {
    return [...this.#account(user).orders.values()].reverse();
  }

  /** @param {string} user */
  #account(user) {
    let account = this.#accounts.get(user);
    if (!account) {
      account = { cart: new Map(FIRST_CART), address: { name: nameOf(user), ...FIRST_ADDRESS }, orders: new Map() };
      this.#accounts.set(user, account);
    }
    return account;
  }

  /** @param {Line[]} items */
  #describe(items) {
    const price = (/** @type {string} */ wanted) => PRODUCTS.find(({ id }) => id === wanted)?.cents ?? 0;
    return { items, cents: items.reduce((sum, item) => sum + item.quantity * price(item.productId), 0) };
  }
}

/**
 * @param {Map<string, number>} cart
 * @returns {Line[]}
 */
function linesOf(cart) {
  return Array.from(cart, ([productId, quantity]) => ({ productId, quantity }));
}

/** @param {string} user */
function nameOf(user) {
  return user.slice(0, 1).toUpperCase() + user.slice(1);
}
