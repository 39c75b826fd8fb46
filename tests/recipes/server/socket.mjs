// A WebSocket that wants a token in the first message, takes another one in any later message, and is closed with
// 4401 when its token is no longer good.

import websocket from '@fastify/websocket';

const PATIENCE = 2000;

/** Registers `/live`. */
export async function socketRoutes(app) {
  const { sessions } = app;
  const open = new Map(); // socket ─► session
  const urls = [];
  const tally = { connections: 0, authentications: 0 };
  await app.register(websocket);

  app.register(async (scope) => {
    scope.get('/live', { websocket: true }, (socket, request) => {
      tally.connections += 1;
      urls.push(request.url);
      const late = setTimeout(() => socket.close(4401), PATIENCE);
      socket.once('close', () => {
        clearTimeout(late);
        open.delete(socket);
      });
      socket.on('message', (data) => {
        const { type, token } = JSON.parse(data);
        if (type !== 'authenticate') return;
        tally.authentications += 1;
        clearTimeout(late);
        const session = sessions.check(token);
        if ('error' in session) return socket.close(4401);
        open.set(socket, session);
        socket.send(JSON.stringify({ type: 'welcome', user: session.user }));
      });
    });
  });

  return {
    tally,
    urls,
    /** How many sockets have shown a good token. */
    get authenticated() {
      return open.size;
    },
    publish(text) {
      for (const socket of open.keys()) socket.send(JSON.stringify({ type: 'note', text }));
    },
    disconnect(session) {
      for (const [socket, owner] of open) if (owner === session) socket.close(4401);
    },
    /** As a network does it that breaks down. */
    drop() {
      for (const socket of open.keys()) socket.terminate();
    },
  };
}
