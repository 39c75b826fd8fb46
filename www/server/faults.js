import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Fault What one refresh request will meet. Members combine; `delay` comes before the rest.
 * @property {number} [delay] milliseconds; alone, the refresh works normally afterwards
 * @property {'ok'} [then] says the default: after the delay all is well
 * @property {boolean} [spend] the refresh token is spent at arrival, whatever the answer will be
 * @property {number} [status]
 * @property {number | string} [retryAfter]
 * @property {boolean} [hang] no answer until the connection closes
 * @property {boolean} [drop] the connection is closed without an answer
 * @property {string} [location] where a redirect leads; with a `status` of 3xx
 * @property {string} [body] sent exactly as it stands
 * @property {string} [type] the content type of `body`
 * @property {string} [token] sent as the access token, exactly as it stands
 * @property {string} [sub] the new access token is good, but another user's
 * @property {boolean} [forgive] a spent refresh token is taken once more, as servers with a grace period do
 */

/** The faults that a test may queue. Unknown names are refused: a misspelt fault would be no fault. */
export const faultSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    delay: { type: 'number', minimum: 0 },
    then: { const: 'ok' },
    spend: { type: 'boolean' },
    status: { type: 'integer', minimum: 200, maximum: 599 },
    retryAfter: { anyOf: [{ type: 'number' }, { type: 'string' }] },
    hang: { type: 'boolean' },
    drop: { type: 'boolean' },
    location: { type: 'string' },
    body: { type: 'string' },
    type: { type: 'string' },
    token: { type: 'string' },
    sub: { type: 'string' },
    forgive: { type: 'boolean' },
  },
};

/**
 * Waits without keeping the process alive.
 *
 * @param {number} milliseconds
 */
export function pause(milliseconds) {
  return sleep(milliseconds, undefined, { ref: false });
}

/**
 * Gives one refresh request its fault.
 *
 * @param {Fault} fault
 * @param {import('fastify').FastifyRequest} request
 * @param {import('fastify').FastifyReply} reply
 * @returns {Promise<boolean>} whether the request is done with: answered, left hanging or dropped
 */
export async function meet(fault, request, reply) {
  if (fault.delay) await pause(fault.delay);
  // The client has given up. Spending its token now would punish the retry that it may have sent since.
  const { socket } = request.raw;
  if (fault.hang || fault.drop || socket.destroyed) {
    reply.hijack();
    if (fault.drop) socket.destroy();
    return true;
  }
  if (fault.status === undefined && fault.body === undefined) return false;
  reply.code(fault.status ?? 200);
  if (fault.retryAfter !== undefined) reply.header('retry-after', String(fault.retryAfter));
  if (fault.location !== undefined) reply.header('location', fault.location);
  if (fault.body === undefined) reply.send({ error: 'fault' });
  else reply.type(fault.type ?? 'application/json').send(fault.body);
  return true;
}
