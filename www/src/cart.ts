import { get, put, type Cart, type Line, type Product } from './api';

let products: Product[] = [];
let cart: Cart = { items: [], cents: 0 };

/** Loads what the pages show. The products do not change, so they are asked for once. */
export async function loadShop(): Promise<void> {
  const [listed, filled] = await Promise.all([
    products.length > 0 ? { products } : get<{ products: Product[] }>('/products'),
    get<Cart>('/cart'),
  ]);
  products = listed.products;
  setCart(filled);
}

export function allProducts(): Product[] {
  return products;
}

export function productNamed(id: string): Product | undefined {
  return products.find((product) => product.id === id);
}

export function currentCart(): Cart {
  return cart;
}

/** Tells the header, too. */
export function setCart(next: Cart): void {
  cart = next;
  dispatchEvent(new Event('cart'));
}

export function quantityOf(productId: string): number {
  return cart.items.find((line) => line.productId === productId)?.quantity ?? 0;
}

export function pieces(): number {
  return cart.items.reduce((sum, { quantity }) => sum + quantity, 0);
}

export async function changeQuantity(productId: string, by: number): Promise<void> {
  const quantity = Math.min(99, Math.max(0, quantityOf(productId) + by));
  const answer = await put<Cart>(`/cart/${productId}`, { quantity });
  // Answers about two products may overtake each other, so each is believed about its own line only.
  const confirmed = answer.items.filter((line) => line.productId === productId);
  const items = cart.items.some((line) => line.productId === productId)
    ? cart.items.flatMap((line) => (line.productId === productId ? confirmed : [line]))
    : [...cart.items, ...confirmed];
  setCart({ items, cents: worth(items) });
}

function worth(items: Line[]): number {
  return items.reduce((sum, { productId, quantity }) => sum + quantity * (productNamed(productId)?.cents ?? 0), 0);
}
