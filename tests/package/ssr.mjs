// The environment of docs/ssr.md's tests: its files, an app of each framework around them, the API, and a browser's cookies.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import jwt from '@fastify/jwt';
import Fastify from 'fastify';

import { root } from '../../scripts/places.mjs';

const DOCUMENT = readFileSync(join(root, 'docs', 'ssr.md'), 'utf8');

/** The files of one section, by the paths that their first lines give. */
function filesOf(title) {
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (!section) throw new Error(`docs/ssr.md has no section ${title}`);
  const blocks = section.matchAll(/^```(?:tsx?|svelte|vue)\n(?:\/\/|<!--) (\S+)[^\n]*\n(.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(([, path, code]) => [path, code]));
}

const { 'session.ts': SESSION, 'api.ts': BROWSER_API } = filesOf('The session of a request');

const NEXT = {
  name: 'Next.js',
  of: 'next',
  prepare: [],
  build: 'next build', // checks the types as well
  // Its pages render with a session that cannot refresh; and Next.js keeps them out of caches.
  isLate: true,
  isPrivate: true,
  start: (port) => `next start --hostname 127.0.0.1 --port ${port}`,
  files: {
    ...filesOf('Next.js'),
    'session.ts': SESSION,
    'api.ts': BROWSER_API,
    'app/layout.tsx': `import type { ReactNode } from 'react';

export default ({ children }: { children: ReactNode }) => <html lang="en"><body>{children}</body></html>;
`,
    // An app of its own is its own root. This one finds Next.js above.
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(root)} } };\n`,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, target: 'es2022', module: 'esnext',
        moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], jsx: 'react-jsx', plugins: [{ name: 'next' }],
        typeRoots: [join(root, 'node_modules', '@types')], types: ['node'],
      },
      include: ['**/*.ts', '**/*.tsx', '.next/types/**/*.ts'], exclude: ['node_modules'],
    }),
  },
};

/** The header by which a reverse proxy tells how it was asked. */
export const PLAIN = { 'x-forwarded-proto': 'http' };

const SVELTEKIT = {
  name: 'SvelteKit',
  of: '@sveltejs/kit',
  release: 22,
  prepare: ['svelte-kit sync', 'tsc --noEmit --project .'],
  build: 'vite build',
  // It believes to be behind TLS, unless told otherwise, and refuses forms of other origins.
  start: () => `env PROTOCOL_HEADER=${Object.keys(PLAIN)[0]} node build`,
  files: {
    ...filesOf('SvelteKit'),
    'src/session.server.ts': SESSION,
    'src/api.ts': BROWSER_API,
    'src/app.html': `<!doctype html>
<html lang="en"><head>%sveltekit.head%</head><body><div style="display: contents">%sveltekit.body%</div></body></html>
`,
    'vite.config.js': `import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';

export default { plugins: [sveltekit({ adapter: adapter() })] };
`,
    'tsconfig.json': JSON.stringify({
      extends: '$app/tsconfig', compilerOptions: { strict: true, skipLibCheck: true }, include: ['src'],
    }),
  },
};

const NUXT = {
  name: 'Nuxt',
  of: 'nuxt',
  release: 22,
  prepare: ['nuxt prepare', ...['app', 'server'].map((part) => `tsc --noEmit --project .nuxt/tsconfig.${part}.json`)],
  build: 'nuxt build',
  start: () => 'node .output/server/index.mjs',
  files: {
    ...filesOf('Nuxt'),
    'server/utils/session.ts': SESSION,
    'nuxt.config.ts': "export default { compatibilityDate: '2026-01-01' };\n",
  },
};

export const FRAMEWORKS = [NEXT, SVELTEKIT, NUXT];

/** Behind the app: access tokens with an end, refresh tokens that are good for one use, and a ledger. */
export class Api {
  #server = Fastify();
  #users = new Map();
  /** Access tokens, by their ids, that have not been taken back: whose they are. */
  #accepted = new Map();
  /** By refresh token. */
  #refresh = new Map();
  #requests = [];
  /** True: refreshes are answered 503. */
  isDown = false;

  static async start() {
    const api = new Api();
    const server = api.#server;
    await server.register(jwt, { secret: randomUUID() });
    server.addHook('onRequest', async ({ method, url }) => { api.#requests.push(`${method} ${url}`); });
    server.post('/sign-in', ({ body: { user, password } }, reply) => (
      password === user ? api.grant(user) : reply.code(401).send({})
    ));
    server.post('/sign-out', ({ body }, reply) => {
      api.revoke(api.#refresh.get(body?.refreshToken)?.user);
      return reply.code(204).send();
    });
    server.post('/refresh-token', async ({ body }, reply) => {
      // Long enough for other requests to meet it.
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      if (api.isDown) return reply.code(503).send({});
      return api.#rotate(body?.refreshToken) ?? reply.code(401).send({ error: 'invalid_grant' });
    });
    const preHandler = (request, reply) => api.#guard(request, reply);
    server.get('/orders', { preHandler }, ({ user }) => ({ user: user.sub, orders: api.of(user.sub).orders }));
    server.post('/orders', { preHandler }, ({ user, body }) => {
      const order = { id: randomUUID(), item: body.item };
      api.of(user.sub).orders.push(order);
      return order;
    });
    api.url = await server.listen({ host: '127.0.0.1', port: 0 });
    return api;
  }

  /** The ledger of a user. `reuses`: refreshes with a token that had been replaced, which end the session. */
  of(user) {
    if (!this.#users.has(user)) this.#users.set(user, { refreshes: 0, reuses: 0, orders: [] });
    return this.#users.get(user);
  }

  /** New tokens for a user. The access token ends in so many seconds. */
  grant(user, expiresIn = 300) {
    const now = Math.floor(Date.now() / 1000);
    const jti = randomUUID();
    const refreshToken = randomUUID();
    this.#accepted.set(jti, user);
    this.#refresh.set(refreshToken, { user, isSpent: false });
    return { accessToken: this.#server.jwt.sign({ sub: user, jti, iat: now - 3600, exp: now + expiresIn }), refreshToken };
  }

  #rotate(refreshToken) {
    const known = this.#refresh.get(refreshToken);
    const record = known ? this.of(known.user) : {};
    record.refreshes += 1;
    if (known?.isSpent) {
      record.reuses += 1;
      this.revoke(known.user);
    }
    if (!known || known.isSpent || known.isRevoked) return null;
    known.isSpent = true;
    return this.grant(known.user);
  }

  /** Ends the sessions of a user. */
  revoke(user) {
    this.takeBack(user);
    for (const known of this.#refresh.values()) known.isRevoked ||= known.user === user;
  }

  /** Accepts none of a user's access tokens any more, although they have not ended. */
  takeBack(user) {
    for (const [jti, owner] of this.#accepted) if (owner === user) this.#accepted.delete(jti);
  }

  /** Returns the requests that have arrived since the last call. */
  requests() {
    return this.#requests.splice(0);
  }

  async #guard(request, reply) {
    await request.jwtVerify().catch(() => {});
    if (!this.#accepted.has(request.user?.jti)) return reply.code(401).send({});
  }

  close() {
    return this.#server.close();
  }
}

/** A browser without a page: it sends the cookies that it has when a request leaves, and keeps those that come. */
export class Visitor {
  cookies = new Map();
  #url;

  constructor(url, { accessToken, refreshToken } = {}) {
    this.#url = url;
    if (accessToken) this.cookies.set('access_token', accessToken);
    if (refreshToken) this.cookies.set('refresh_token', refreshToken);
  }

  /** Resolves with the status, the text, the cookies that were set, each as its header has it, and the rule for caches. */
  async visit(path, { method = 'GET', body } = {}) {
    const Cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(this.#url + path, {
      method, redirect: 'manual',
      headers: {
        ...PLAIN, ...Cookie && { Cookie }, ...body && { 'Content-Type': 'application/json' },
        ...method === 'POST' && { Origin: this.#url },
      },
      ...body && { body: JSON.stringify(body) },
    });
    const set = response.headers.getSetCookie();
    for (const header of set) this.#keep(header);
    return { status: response.status, text: await response.text(), set, cache: response.headers.get('Cache-Control') };
  }

  #keep(header) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(header);
    const expires = Date.parse(/expires=([^;]+)/i.exec(header)?.[1] ?? '');
    const isOver = value === '' || /max-age=0\b/i.test(header) || expires < Date.now();
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
