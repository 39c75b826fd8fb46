// Notes as a REST API has them, and files as a form sends them.

import { hashOf, textOf } from './notes.mjs';

export async function restRoutes(app, { ledger }) {
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, async ({ headers }, body) => (
    new Response(body, { headers: { 'content-type': headers['content-type'] } }).formData()
  ));

  app.get('/notes/:id', async ({ params, session }) => ({ id: Number(params.id), text: textOf(params.id, session) }));

  app.post('/notes', async ({ body, session }, reply) => {
    reply.code(201);
    return { hash: ledger.accept(session, hashOf(body.text)) };
  });

  app.post('/files', async ({ body: form, session }, reply) => {
    const bytes = Buffer.from(await form.get('file').arrayBuffer());
    reply.code(201);
    return { hash: ledger.accept(session, hashOf(form.get('title'), bytes)) };
  });
}
