import { createGuard } from './guard.js';
import { PRODUCTS } from './shop.js';

const line = { type: 'string', minLength: 1, maxLength: 200 };

const addressSchema = {
  type: 'object',
  required: ['name', 'street', 'city', 'country'],
  properties: { name: line, street: line, city: line, country: line },
};

const quantity = { type: 'integer', minimum: 0, maximum: 99 };

const cartSchema = { type: 'object', required: ['quantity'], properties: { quantity } };

const orderSchema = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', minLength: 8, maxLength: 64 },
    items: {
      type: 'array',
      maxItems: 50,
      items: { type: 'object', required: ['productId', 'quantity'], properties: { productId: line, quantity } },
    },
    address: addressSchema,
  },
};

/**
 * The shop, for those who are signed in.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export async function shopRoutes(app) {
  const { sessions, shop } = app;
  app.addHook('onRequest', createGuard(sessions).onRequest);

  app.get('/products', async () => ({ products: PRODUCTS }));
  app.get('/ping/:n', async (request) => ({ n: Number(/** @type {any} */ (request.params).n) }));

  app.get('/cart', async ({ session }) => shop.cart(session.user));
  app.put('/cart/:productId', { schema: { body: cartSchema } }, async (request, reply) => {
    const { productId } = /** @type {any} */ (request.params);
    const { quantity: wanted } = /** @type {any} */ (request.body);
    const cart = shop.putInCart(request.session.user, productId, wanted);
    return cart ?? reply.code(404).send({ error: 'no_such_product' });
  });

  app.get('/address', async ({ session }) => ({ address: shop.address(session.user) }));
  app.put('/address', { schema: { body: addressSchema } }, async (request) => ({
    address: shop.saveAddress(request.session.user, /** @type {any} */ (request.body)),
  }));

  app.get('/orders', async ({ session }) => ({ orders: shop.orders(session.user) }));
  app.post('/orders', { schema: { body: orderSchema } }, async (request, reply) => {
    const { session, body } = request;
    session.counts.orders += 1;
    const order = shop.order(session.user, /** @type {any} */ (body));
    return reply.code(order.arrivals === 1 ? 201 : 200).send(order);
  });
}

const demoSchema = {
  type: 'object',
  required: ['sid'],
  properties: { sid: { type: 'string' }, seconds: { type: 'number', exclusiveMinimum: 0, maximum: 600, default: 5 } },
};

/**
 * The page's switches. They name their session by its id, since they have to work with any token.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export async function demoRoutes(app) {
  const { sessions } = app;

  /** @param {(session: import('./sessions.js').Session, seconds: number) => void} act */
  const onSession = (act) => async (/** @type {any} */ request, /** @type {any} */ reply) => {
    const session = sessions.find(request.body.sid);
    if (!session) return reply.code(404).send({ error: 'no_such_session' });
    act(session, request.body.seconds);
    return reply.code(204).send();
  };

  const options = { schema: { body: demoSchema } };
  app.post('/expire', options, onSession((session) => sessions.expire(session)));
  app.post('/revoke', options, onSession((session) => { session.revoked = true; }));
  app.post('/outage', options, onSession((session, seconds) => {
    session.outageUntil = Date.now() + seconds * 1000;
  }));
}
