import { byId } from './dom';
import { say } from './messages';

/** Makes the content of a page. `signal` is aborted when the user has gone elsewhere. */
export type View = (signal: AbortSignal) => Node | Promise<Node>;

export interface Routes {
  [path: string]: { title: string; view: View };
}

let routes: Routes = {};
let before: (path: string) => string | null = () => null;
let leaving = new AbortController();

/**
 * Shows the page of the address, and follows links and the back button.
 *
 * @param guard answers the address to go to instead, or `null`
 */
export function startRouter(pages: Routes, guard: (path: string) => string | null): void {
  routes = pages;
  before = guard;
  addEventListener('popstate', () => void show());
  document.addEventListener('click', followLink);
  void show();
}

export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  void show(true);
}

/** Shows the current page anew. */
export async function show(moveFocus = false): Promise<void> {
  const instead = before(location.pathname);
  if (instead) history.replaceState(null, '', instead);
  const page = location.pathname in routes ? location.pathname : '/';
  const { title, view } = routes[page]!;
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const outlet = byId('view');
  outlet.setAttribute('aria-busy', 'true');
  const content = await view(signal);
  if (signal.aborted) return;
  document.title = `${title} · tokenflight demo`;
  const hadFocus = outlet.contains(document.activeElement);
  outlet.replaceChildren(content);
  outlet.removeAttribute('aria-busy');
  document.body.dataset.page = page;
  // The element that had the focus is gone: without this, the keyboard would begin at the top of the page again.
  if (moveFocus || hadFocus) outlet.focus({ preventScroll: true });
  dispatchEvent(new Event('shown'));
}

/** Where to go after signing in; only ever a page of this site. */
export function returnPath(): string {
  const wanted = new URLSearchParams(location.search).get('returnTo') ?? '/products';
  const url = URL.canParse(wanted, location.origin) ? new URL(wanted, location.origin) : null;
  if (url?.origin !== location.origin) return '/products';
  // Two slashes would begin another site.
  const path = url.pathname.replace(/^\/+/, '/');
  return path === '/login' ? '/products' : path + url.search + url.hash;
}

function followLink(event: MouseEvent): void {
  const link = (event.target as Element).closest('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!plain || !link || link.target || link.origin !== location.origin || link.getAttribute('href')?.startsWith('#')) return;
  if (!(link.pathname in routes)) return; // a page of its own
  event.preventDefault();
  // The message was about the page that is being left.
  say('');
  go(link.pathname + link.search);
}
