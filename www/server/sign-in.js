import { meet } from './faults.js';
import { COOKIES, bearerToken } from './guard.js';
import { DEFAULT_TTL, MAX_TTL, STYLES } from './sessions.js';

/**
 * @typedef {import('fastify').FastifyReply} Reply
 * @typedef {import('fastify').FastifyRequest} Request
 * @typedef {import('./sessions.js').Session} Session
 * @typedef {Omit<import('./sessions.js').Tokens, 'refreshToken'> & { refreshToken?: string }} Tokens
 *
 * @typedef {object} Shape How a refresh endpoint reads and answers.
 * @property {(request: Request) => string | undefined} presented
 * @property {(session: Session, tokens: Tokens) => object} answer
 * @property {(reply: Reply) => Reply} refuse
 */

const signInSchema = {
  type: 'object',
  required: ['user', 'password'],
  properties: {
    user: { type: 'string', maxLength: 100 },
    password: { type: 'string', maxLength: 100 },
    ttl: { type: 'number', exclusiveMinimum: 0, maximum: MAX_TTL, default: DEFAULT_TTL },
    style: { enum: STYLES, default: 'body' },
    xsrf: { type: 'boolean', default: false },
  },
};

// Without a body the refresh token comes in its cookie.
const refreshSchema = {
  type: ['object', 'null'],
  properties: { refreshToken: { type: 'string' } },
};

/** @type {Record<string, Shape>} */
const SHAPES = {
  '/refresh-token': {
    presented: presentedByBodyOrCookie,
    answer: visibleTokens,
    refuse: (reply) => reply.code(401).send({ error: 'invalid_grant' }),
  },
  // An envelope: HTTP says 200 whatever happened, the code in the body says the rest.
  '/envelope/refresh-token': {
    presented: presentedByBodyOrCookie,
    answer: (session, tokens) => ({ code: 0, data: visibleTokens(session, tokens) }),
    refuse: (reply) => reply.send({ code: 401, message: 'The session is over.' }),
  },
};

/** RFC 6749, section 6: a form comes in, names have underscores, refusals are a 400. @type {Shape} */
const OAUTH = {
  presented: (request) => /** @type {Record<string, string>} */ (request.body).refresh_token,
  answer: (_session, { accessToken, refreshToken, expiresIn }) => ({
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
  }),
  refuse: (reply) => reply.code(400).send({ error: 'invalid_grant' }),
};

/**
 * Signing in, refreshing in three shapes, and signing out.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export async function signInRoutes(app) {
  const { sessions } = app;
  const refresh = createRefresh(sessions);

  app.post('/sign-in', { schema: { body: signInSchema } }, async (request, reply) => {
    const { user, password, ttl, style, xsrf } = /** @type {any} */ (request.body);
    if (!sessions.accepts(user, password)) return reply.code(401).send({ error: 'wrong_password' });
    const { session, tokens } = sessions.begin(user, { ttl, style, xsrf });
    setCookies(reply, session, tokens);
    const { accessToken } = tokens;
    const shown = visibleTokens(session, tokens);
    // Style `readable` leaves the token in its cookie; handing it out as well lets the page begin with it.
    return { ...shown, ...(style !== 'cookies' && { accessToken }), sid: session.sid };
  });

  for (const [url, shape] of Object.entries(SHAPES)) {
    app.post(url, { schema: { body: refreshSchema } }, (request, reply) => refresh(shape, request, reply));
  }

  app.post('/token', async (request, reply) => {
    const form = /** @type {Record<string, string> | null} */ (request.body ?? null);
    if (!form?.refresh_token || !form.client_id) return reply.code(400).send({ error: 'invalid_request' });
    if (form.grant_type !== 'refresh_token') return reply.code(400).send({ error: 'unsupported_grant_type' });
    return refresh(OAUTH, request, reply);
  });

  app.post('/sign-out', { schema: { body: refreshSchema } }, async (request, reply) => {
    const session = sessions.findByRefreshToken(presentedByBodyOrCookie(request));
    const found = session ?? sessions.check(bearerToken(request));
    if (!('error' in found)) found.revoked = true;
    reply.clearCookie(COOKIES.refresh, { path: '/api' });
    reply.clearCookie(COOKIES.session, { path: '/api' });
    reply.clearCookie(COOKIES.readable, { path: '/' });
    reply.clearCookie(COOKIES.xsrf, { path: '/' });
    return reply.code(204).send();
  });
}

/** @param {import('./sessions.js').Sessions} sessions */
function createRefresh(sessions) {
  /**
   * @param {Shape} shape
   * @param {Request} request
   * @param {Reply} reply
   */
  return async function refresh(shape, request, reply) {
    const presented = shape.presented(request);
    const session = sessions.findByRefreshToken(presented);
    if (!session) return shape.refuse(reply);
    session.counts.refreshes += 1;
    // The double submit of a cookie: only a page of this site can repeat it.
    if (session.xsrf && request.headers['x-xsrf-token'] !== session.xsrf) {
      return reply.code(403).send({ error: 'xsrf_token_mismatch' });
    }
    if (session.outageUntil > Date.now()) return reply.code(503).send({ error: 'temporarily_unavailable' });

    const fault = /** @type {import('./faults.js').Fault} */ (session.faults.shift() ?? {});
    const spent = fault.spend ? sessions.rotate(session, presented, fault) : undefined;
    if (await meet(fault, request, reply)) return reply;
    const tokens = /** @type {Tokens | null} */ (
      fault.token === undefined
        ? spent === undefined ? sessions.rotate(session, presented, fault) : spent
        : { accessToken: fault.token, refreshToken: spent?.refreshToken, expiresIn: session.ttl }
    );
    if (!tokens) return shape.refuse(reply);
    if (fault.sub !== undefined) tokens.accessToken = sessions.accessToken(session, fault.sub);
    setCookies(reply, session, tokens);
    return shape.answer(session, tokens);
  };
}

/** @param {Request} request */
function presentedByBodyOrCookie(request) {
  const body = /** @type {{ refreshToken?: string } | null} */ (request.body ?? null);
  return body?.refreshToken ?? request.cookies[COOKIES.refresh];
}

/**
 * Returns the part of the tokens that the page's scripts may see; the rest is in cookies.
 *
 * @param {Session} session
 * @param {Tokens} tokens
 */
function visibleTokens({ style }, { accessToken, refreshToken, expiresIn }) {
  return {
    ...((style === 'body' || style === 'cookie') && { accessToken }),
    ...(style === 'body' && { refreshToken }),
    expiresIn,
  };
}

/**
 * @param {Reply} reply
 * @param {Session} session
 * @param {Tokens} tokens
 */
function setCookies(reply, { style, xsrf }, { accessToken, refreshToken }) {
  if (xsrf) reply.setCookie(COOKIES.xsrf, xsrf, { path: '/', sameSite: 'lax' });
  if (style === 'body') return;
  const hidden = /** @type {const} */ ({ path: '/api', httpOnly: true, sameSite: 'lax' });
  if (refreshToken) reply.setCookie(COOKIES.refresh, refreshToken, hidden);
  if (style === 'cookies') reply.setCookie(COOKIES.session, accessToken, hidden);
  if (style === 'readable') reply.setCookie(COOKIES.readable, accessToken, { path: '/', sameSite: 'lax' });
}
