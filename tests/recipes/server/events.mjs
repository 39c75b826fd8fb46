// Server-sent events: numbered messages for everybody. Who comes back says which one was the last.

/** Registers `/events`. */
export function eventRoutes(guarded) {
  const messages = [];
  const streams = new Map(); // response ─► session
  const text = ({ id, data }) => `id: ${id}\ndata: ${data}\n\n`;

  guarded(async (app) => {
    app.get('/events', (request, reply) => {
      const { raw } = reply;
      reply.hijack();
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write('retry: 100\n\n');
      const last = Number(request.headers['last-event-id'] ?? messages.length);
      for (const message of messages.slice(last)) raw.write(text(message));
      streams.set(raw, request.session);
      raw.once('close', () => streams.delete(raw));
    });
  });

  return {
    /** To all who listen. */
    publish(data) {
      const message = { id: messages.length + 1, data };
      messages.push(message);
      for (const stream of streams.keys()) stream.write(text(message));
    },
    /** The token that these streams were opened with is no longer good. */
    disconnect(session) {
      for (const [stream, owner] of streams) if (owner === session) stream.end();
    },
    get open() {
      return streams.size;
    },
  };
}
