import '@fastify/jwt';

import type { Refusal, Session, Sessions } from './sessions.js';
import type { Shop } from './shop.js';

/** The claims of an access token. For these, `decode` and `verify` never return a string. */
export interface Claims {
  sub: string;
  sid: string;
  jti: string;
  serial: number;
  until: number;
  iat: number;
  exp: number;
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Claims;
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    sessions: Sessions;
    shop: Shop;
    /** The origin of the second port, once it listens. */
    otherOrigin: string | null;
    /** Only when testing. */
    listenAlso(port?: number, host?: string): Promise<string>;
  }

  interface FastifyRequest {
    /** Set by the guard for requests that it lets in. */
    session: Session;
    refusal: Refusal | null;
  }
}
