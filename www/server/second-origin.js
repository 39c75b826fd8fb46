import { createServer } from 'node:http';

/**
 * Lets the application listen on a second port: to a browser another origin, with the same sessions.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export function addSecondOrigin(app) {
  const server = createServer((request, response) => app.routing(request, response));

  /**
   * @param {number} port
   * @param {string} host
   * @returns {Promise<string>} the origin
   */
  async function listenAlso(port = 0, host = '127.0.0.1') {
    await app.ready();
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: 2048 }, () => resolve(undefined));
    });
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    app.otherOrigin = `http://${host}:${address.port}`;
    return app.otherOrigin;
  }

  app.decorate('otherOrigin', null);
  app.decorate('listenAlso', listenAlso);
  app.addHook('onClose', async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
  });
}
