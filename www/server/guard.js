/** The cookies that the styles other than `body` use. */
export const COOKIES = { refresh: 'refresh_token', session: 'session_token', readable: 'access_token', xsrf: 'XSRF-TOKEN' };

/**
 * The access token that a request brings: in its header, or in the HttpOnly cookie of style `cookies`.
 *
 * @param {import('fastify').FastifyRequest} request
 */
export function bearerToken(request) {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token ?? request.cookies[COOKIES.session];
}

/**
 * Makes the function that lets a request in, or says why not. The session is left in `request.session`.
 *
 * @param {import('./sessions.js').Sessions} sessions
 * @param {(request: import('fastify').FastifyRequest) => string | undefined} [tokenOf]
 */
export function createGuard(sessions, tokenOf = bearerToken) {
  /**
   * @param {import('fastify').FastifyRequest} request
   * @returns {import('./sessions.js').Refusal | null}
   */
  function examine(request) {
    const found = sessions.check(tokenOf(request));
    if ('error' in found) return found;
    request.session = found;
    return null;
  }

  /**
   * @param {import('fastify').FastifyRequest} request
   * @param {import('fastify').FastifyReply} reply
   * @param {import('./sessions.js').Refusal} refusal
   */
  function refuse(request, reply, refusal) {
    const session = sessions.findByAccessToken(tokenOf(request));
    if (session) session.counts.unauthorized += 1;
    const challenge = refusal.error === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"';
    return reply.code(401).header('www-authenticate', challenge).send(refusal);
  }

  /**
   * @param {import('fastify').FastifyRequest} request
   * @param {import('fastify').FastifyReply} reply
   */
  async function onRequest(request, reply) {
    const refusal = examine(request);
    if (refusal) return refuse(request, reply, refusal);
  }

  return { examine, refuse, onRequest };
}
