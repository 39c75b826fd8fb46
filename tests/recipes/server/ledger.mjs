// The traffic of the server, by session: every request with its answer's status, and every note that was accepted.

import { bearerToken } from '../../../www/server/guard.js';

export class Ledger {
  #sessions;
  #pages = new Map();

  /** Requests that came without any session's token. */
  strays = [];

  constructor(sessions) {
    this.#sessions = sessions;
  }

  /** A session's page. */
  of({ sid }) {
    if (!this.#pages.has(sid)) this.#pages.set(sid, { requests: [], accepted: [] });
    return this.#pages.get(sid);
  }

  /** A note or a file that was accepted, by its hash. */
  accept(session, hash) {
    this.of(session).accepted.push(hash);
    return hash;
  }

  /** Writes down all requests of `scope`. */
  watch(scope) {
    scope.addHook('onResponse', async (request, reply) => {
      if (request.method === 'OPTIONS') return;
      const session = request.session ?? this.#sessions.findByAccessToken(bearerToken(request));
      const requests = session ? this.of(session).requests : this.strays;
      requests.push({ method: request.method, url: request.url, status: reply.statusCode });
    });
  }
}
