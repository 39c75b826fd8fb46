// Code that compiles, and the types that it gives. Compiled under several settings by tests/e2e/types.test.mjs; never run.

import {
  createApi, HttpError, RefreshUnavailableError, SignInRequiredError,
  type Api, type ApiCallInit, type ApiError, type ApiEvent, type ApiOptions, type ApiResponse, type SessionSnapshot,
  type TokenStorage,
} from 'tokenflight';
import { createApi as createSlim, init } from 'tokenflight/slim';
import wasm from 'tokenflight/tokenflight.wasm';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const holds = <_T extends true>() => {};

interface Order { id: string; items: { sku: string; count: number }[] }
interface Problem { title: string }

// Options: storages and refresh functions may be synchronous or not.
const storage: TokenStorage = { get: () => null, set: async () => {}, remove() {} };
const options: ApiOptions = {
  storage,
  headers: [['X-App', 'shop']],
  credentials: 'include',
  refresh: async ({ refreshToken, signal, fetch }) => {
    if (refreshToken === null) throw new SignInRequiredError();
    const response = await fetch('/refresh', { method: 'POST', signal, body: refreshToken });
    return await response.json() as { accessToken: string };
  },
  hooks: { onRequest: (request) => new Request(request), onResponse: async () => {} },
  isUnauthorized: async (response) => (await response.clone().json() as { code: number }).code === 40101,
};
const api: Api = createApi(options);

// As fetch.
const asFetch: typeof fetch = api.fetch;
holds<Equal<Awaited<ReturnType<typeof api.fetch>>, Response>>();
void asFetch('/orders');
void api.fetch(new URL('https://example.com'), { auth: false, timeout: 500, replay: false, method: 'PUT' });
void api.fetch(new Request('https://example.com'));

// As axios.
const { get, post, request } = api;
export async function calls() {
  const orders = await get<Order[]>('/orders', { params: { page: 1, sort: ['id'] }, timeout: 5000 });
  holds<Equal<typeof orders, ApiResponse<Order[]>>>();
  holds<Equal<typeof orders.data, Order[]>>();
  const unknown = await api.get('/orders');
  holds<Equal<typeof unknown.data, unknown>>();
  const placed = await post<Order>('/orders', { items: [] }, { headers: { 'X-A': '1' } });
  holds<Equal<typeof placed.data, Order>>();
  const file = await get('/file', { responseType: 'blob' });
  holds<Equal<typeof file.data, Blob>>();
  const text = await post('/text', undefined, { responseType: 'text' });
  holds<Equal<typeof text.data, string>>();
  const bytes = await request({ url: '/bytes', responseType: 'arraybuffer', params: new URLSearchParams() });
  holds<Equal<typeof bytes.data, ArrayBuffer>>();
  const asJson = await get<Order>('/order', { responseType: 'json' });
  holds<Equal<typeof asJson.data, Order>>();
  const replaced = await request<Order>({ url: '/orders/1', method: 'put', data: { id: '1' }, auth: true });
  holds<Equal<typeof replaced.data, Order>>();
  const head = await api.head('/orders');
  holds<Equal<typeof head.data, null>>();
  const shared: ApiCallInit = { responseType: 'json' };
  void api.delete('/orders/1', { ...shared, responseType: 'json' });
  void api.delete('/orders', { data: { ids: [1] } });
  await post('/files', new FormData());
  await api.patch('/raw', new Uint8Array(3));
  interface Filter { from: Date; to?: Date }
  const filter: Filter = { from: new Date() };
  await get('/orders', { params: filter });
}

// Events are told apart by their type.
const off: () => void = api.on('signedOut', ({ reason }) => { holds<Equal<typeof reason, 'refused' | 'signOut'>>(); });
api.on('tokenRefreshed', ({ accessToken }) => { holds<Equal<typeof accessToken, string | null>>(); });
off();
export function describeEvent(event: ApiEvent): string {
  switch (event.type) {
    case 'tokenRefreshed': return event.accessToken ?? 'cookie';
    case 'signedOut': return event.reason;
    case 'refreshUnavailable': return String(event.error.retryAfter);
    case 'sessionChanged': return event.type;
  }
}

// Errors are told apart by their code, or by instanceof.
export function describeError(error: ApiError): string {
  switch (error.code) {
    case 'SIGN_IN_REQUIRED': return error.name;
    case 'REFRESH_UNAVAILABLE': return String(error.retryAfter);
    case 'SESSION_CHANGED': return error.message;
    case 'HTTP_ERROR': return `${error.status} ${error.response.url}`;
    case 'UNSUPPORTED_RUNTIME': return String(error.cause);
  }
}
export function describeCaught(error: unknown): string {
  if (error instanceof RefreshUnavailableError) return String(error.retryAfter);
  if (error instanceof HttpError) return (error as HttpError<Problem>).data.title;
  return 'unknown';
}

// Sessions.
export async function session() {
  await api.signIn({ accessToken: 'a', refreshToken: 'r', expiresIn: 300 });
  await api.signIn();
  const token: string | null = await api.getAccessToken({ minValidity: 60 });
  await api.refresh();
  await api.signOut();
  return token;
}

export function whoIsSignedIn(show: (name: string) => void) {
  const { status, subject, claims, expiresAt }: SessionSnapshot = api.session;
  if (status === 'signedIn' && expiresAt !== null) show(typeof claims?.name === 'string' ? claims.name : subject ?? 'somebody');
  const leave: () => void = api.subscribe((session) => show(session.status));
  api.subscribe(() => {});
  return leave;
}

// Without the bytes inside.
export async function slim() {
  await init(wasm);
  await init('/tokenflight.wasm');
  await init(fetch(new URL('https://example.com/tokenflight.wasm')));
  await init(new Uint8Array(8));
  const other: Api = createSlim(options);
  return other;
}

// With cookies alone, a refresh function has nothing to return.
createApi({ session: 'cookie', refresh: async ({ fetch, signal }) => { await fetch('/refresh', { method: 'POST', signal }); } });
createApi({ session: 'cookie', refresh: () => {} });
createApi({ session: 'cookie', refresh: { tokenEndpoint: '/token', clientId: 'shop' } });
createApi({ session: 'cookie', refreshURL: '/refresh' });

// Newer tokens, requests that do without a session, and answers of rules and hooks.
async () => {
  const api = createApi({
    isUnauthorized: async ({ status }) => (status === 425 ? 'replay' : status === 401),
    refresh: ({ refreshToken, accessToken }) => ({ accessToken: `${accessToken}${refreshToken}`, expiresIn: '60' }),
    storage: { get: () => null, set() {}, remove() {}, shared: true, subscribe: (listener) => { listener(); return () => {}; } },
  });
  await api.setTokens({ accessToken: 'a', expiresIn: '60' });
  await api.fetch('/me', { auth: 'optional' });
};
