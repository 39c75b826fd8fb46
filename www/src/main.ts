import { api, recorder } from './api';
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

const PAGES = [['/', 'Products'], ['/cart', 'Cart'], ['/orders', 'Orders']] as const;

let shownFor: string | undefined;

/** Nobody needs to be refused by the server to be shown the login page first. */
function guard(path: string): string | null {
  shownFor = claims()?.sid;
  const signedIn = shownFor !== undefined;
  if (path === '/login') return signedIn ? returnPath() : null;
  if (signedIn) return null;
  return `/login?${new URLSearchParams({ returnTo: location.pathname + location.search + location.hash })}`;
}

function drawHeader(): void {
  const user = claims()?.sub;
  byId('nav').replaceChildren(...(user ? PAGES : []).map(([href, title]) => {
    const count = href === '/cart' && pieces() > 0 ? ` (${pieces()})` : '';
    const link = element('a', { href }, title + count);
    if (location.pathname === href) link.setAttribute('aria-current', 'page');
    return link;
  }));
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

/** The library went to the login page by itself: no link of this page does so with a page load. */
function countNavigation(): void {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const fromHere = document.referrer.startsWith(`${location.origin}/`);
  if (location.pathname !== '/login' || load?.type !== 'navigate' || !fromHere) return;
  recorder.count('navigations');
  say('Your session is over. Please sign in again.', 'bad');
}

api.on('signedOut', ({ reason }) => {
  setCart({ items: [], cents: 0 });
  if (reason !== 'signOut') return;
  say('You are signed out.');
  go('/login', { replace: true });
});
api.on('sessionChanged', showIfOther);
// What another tab does to the session has no event when it has not met a request of this one.
addEventListener('storage', ({ key }) => key === 'accessToken' && showIfOther());
addEventListener('shown', drawHeader);
addEventListener('cart', drawHeader);

startPanel();
countNavigation();
startRouter({
  '/': { title: 'Products', view: products },
  '/cart': { title: 'Cart', view: cart },
  '/orders': { title: 'Orders', view: orders },
  '/login': { title: 'Sign in', view: login },
}, guard);
