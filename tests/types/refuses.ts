// Code that must not compile. Each line below a directive is an error, or the directive itself is one.

import { createApi, HttpError, type ApiError, type ApiEvent } from 'tokenflight';
import { init } from 'tokenflight/slim';

// @ts-expect-error a name that does not exist
createApi({ acessTokenKey: 'x' });
// @ts-expect-error a time is a number of milliseconds
createApi({ timeout: '5s' });
// @ts-expect-error a word that is none of the two
createApi({ session: 'jwt' });
// @ts-expect-error a storage has three functions
createApi({ storage: { get: () => null } });
// @ts-expect-error a storage of numbers
createApi({ storage: { get: () => 1, set() {}, remove() {} } });
// @ts-expect-error a refresh function brings an access token
createApi({ refresh: async () => ({ token: 'x' }) });
// @ts-expect-error and one that returns nothing is only for cookies
createApi({ refresh: async () => {} });
// @ts-expect-error a name that does not exist, beside cookies
createApi({ session: 'cookie', acessTokenKey: 'x' });
// @ts-expect-error a token endpoint wants a client id
createApi({ refresh: { tokenEndpoint: '/token' } });
// @ts-expect-error origins are a list
createApi({ allowedOrigins: 'https://api.example.com' });
// @ts-expect-error there is no such hook
createApi({ hooks: { onError() {} } });
// @ts-expect-error a hook returns a Request
createApi({ hooks: { onRequest: () => '/other' } });

const api = createApi();
// @ts-expect-error members are not for writing
api.fetch = fetch;
// @ts-expect-error no such event
api.on('refreshed', () => {});
// @ts-expect-error an event has no such member
api.on('signedOut', ({ accessToken }) => accessToken);
// @ts-expect-error a response has no such member
void api.get('/x').then((response) => response.statusCode);
// @ts-expect-error what the JSON is has to be said before it is used
void api.get('/x').then(({ data }) => data.id);
// @ts-expect-error with a response type there is nothing to say
void api.get<string>('/x', { responseType: 'blob' });
// @ts-expect-error axios writes it in small letters
void api.get('/x', { responseType: 'arrayBuffer' });
// @ts-expect-error a GET has no body
void api.get('/x', { a: 1 }, {});
// @ts-expect-error a request has a URL
void api.request({ method: 'POST' });
// @ts-expect-error a session begins with tokens as strings
void api.signIn({ accessToken: 5 });
// @ts-expect-error seconds, as a number
void api.getAccessToken({ minValidity: '60' });
// @ts-expect-error a snapshot is not for writing
api.session.status = 'signedOut';
// @ts-expect-error a subscriber is a function
api.subscribe('signedOut');
// @ts-expect-error a number is no place for bytes
void init(5);

export function read(error: unknown) {
  if (!(error instanceof HttpError)) return;
  // @ts-expect-error what a server answers has to be looked at before it is used
  void error.data.message;
  // @ts-expect-error the body of an error is not for writing
  error.data = null;
}

export function narrow(error: ApiError, event: ApiEvent) {
  // @ts-expect-error not every error has it
  void error.retryAfter;
  // @ts-expect-error no such code
  if (error.code === 'TIMEOUT') return;
  // @ts-expect-error not every event has it
  return event.reason;
}
