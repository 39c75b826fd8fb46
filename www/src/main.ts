import { defineDevtools } from 'tokenflight/devtools';

import { api } from './api';
import { pieces, setCart } from './cart';
import { byId, element } from './dom';
import { explain, say } from './messages';
import { startPanel } from './panel';
import { go, returnPath, show, startRouter } from './router';
import { claims, signOut } from './session';
import { cart } from './views/cart';
import { login } from './views/login';
import { orders } from './views/orders';
import { products } from './views/products';
import { story } from './views/story';

const OPEN_PAGES = [['/', 'Watch'], ['/products', 'Shop']] as const;
const PAGES = [...OPEN_PAGES, ['/cart', 'Cart'], ['/orders', 'Orders']] as const;

let shownFor: string | undefined;
let shownUser: string | undefined;

/** Nobody needs to be refused by the server to be shown the login page first. */
function guard(path: string): string | null {
  shownFor = claims()?.sid;
  const signedIn = shownFor !== undefined;
  if (path === '/login') return signedIn ? returnPath() : null;
  if (signedIn || path === '/') return null;
  return `/login?${new URLSearchParams({ returnTo: location.pathname + location.search + location.hash })}`;
}

function drawHeader(): void {
  const user = claims()?.sub;
  const focused = document.activeElement?.closest('#nav a')?.getAttribute('href');
  byId('nav').replaceChildren(...(user ? PAGES : OPEN_PAGES).map(([href, title]) => {
    const count = href === '/cart' && pieces() > 0 ? ` (${pieces()})` : '';
    const link = element('a', { href }, title + count);
    if (location.pathname === href) link.setAttribute('aria-current', 'page');
    return link;
  }));
  if (focused) document.querySelector<HTMLElement>(`#nav a[href="${focused}"]`)?.focus();
  if (user === shownUser) return;
  shownUser = user;
  byId('account').replaceChildren(...(user
    ? [element('span', { id: 'user' }, user),
      element('button', { id: 'sign-out', type: 'button', className: 'quiet', on: { click: leave } }, 'Sign out')]
    : []));
}

/** Nothing to do when the page has been made for this session, as it is after this tab's own sign-in. */
function showIfOther(): void {
  if (claims()?.sid !== shownFor) void show();
}

function leave(): void {
  signOut().catch(explain);
}

/** Says why one is here when the library has led to the login page: no link of this page does so with a page load. */
function explainNavigation(): void {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const fromHere = document.referrer.startsWith(`${location.origin}/`);
  if (location.pathname !== '/login' || load?.type !== 'navigate' || !fromHere) return;
  say('Your session is over. Please sign in again.', 'bad');
}

api.on('signedOut', ({ reason }) => {
  setCart({ items: [], cents: 0 });
  if (reason !== 'signOut') return;
  say('You are signed out.');
  go('/login', { replace: true });
});
api.on('sessionChanged', showIfOther);
// A change of the session by another tab fires no event unless a request of this one has met it.
addEventListener('storage', ({ key }) => key === 'accessToken' && showIfOther());
addEventListener('shown', drawHeader);
addEventListener('cart', drawHeader);

defineDevtools();
startPanel();
explainNavigation();
startRouter({
  '/': { title: 'Watch', view: story },
  '/products': { title: 'Products', view: products },
  '/cart': { title: 'Cart', view: cart },
  '/orders': { title: 'Orders', view: orders },
  '/login': { title: 'Sign in', view: login },
}, guard);
