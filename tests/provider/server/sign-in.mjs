// A sign-in as a browser does it: authorization code with PKCE, through the provider's own login and consent.

import { createHash, randomBytes } from 'node:crypto';

import { CLIENT_ID, redirectURI } from './identity.mjs';

/** The tokens of a new grant, as the token endpoint answered them. */
export async function signIn(origin) {
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize(origin, createHash('sha256').update(verifier).digest('base64url'));
  const response = await fetch(`${origin}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: CLIENT_ID, redirect_uri: redirectURI(origin), code,
      code_verifier: verifier,
    }),
  });
  if (!response.ok) throw new Error(`No tokens for the code: ${response.status} ${await response.text()}`);
  return response.json();
}

/** The code of a new grant, as it comes to `callback`. */
export async function authorize(origin, challenge, callback = redirectURI(origin)) {
  const cookies = new Map();
  const query = new URLSearchParams({
    client_id: CLIENT_ID, response_type: 'code', redirect_uri: callback, scope: 'openid offline_access',
    prompt: 'consent', code_challenge: challenge, code_challenge_method: 'S256',
  });
  let url = new URL(`/auth?${query}`, origin);
  let form;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET', body: form, redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    });
    keepCookies(cookies, response);
    const location = response.headers.get('location');
    if (location) {
      url = new URL(location, url);
      form = undefined;
      if (url.href.startsWith(callback)) return codeIn(url);
    } else {
      form = filledIn(await response.text(), url);
    }
  }
  throw new Error(`The sign-in did not come to an end; it was last at ${url.pathname}`);
}

/** The page's form, answered: which one it is says its hidden field. */
function filledIn(html, url) {
  const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
  if (!prompt) throw new Error(`No form at ${url.pathname}: ${html.slice(0, 300)}`);
  return new URLSearchParams({ prompt, login: 'ada', password: 'ada' });
}

function codeIn(url) {
  const code = url.searchParams.get('code');
  if (!code) throw new Error(`The provider refused the sign-in: ${url.search}`);
  return code;
}

function keepCookies(cookies, response) {
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(';')[0].split(/=(.*)/);
    if (value) cookies.set(name, value);
    else cookies.delete(name);
  }
}
