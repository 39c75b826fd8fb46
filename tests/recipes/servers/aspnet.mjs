// ASP.NET Core Identity: `app.MapGroup("/api").MapIdentityApi<User>()`, with bearer tokens.
// https://learn.microsoft.com/aspnet/core/security/authentication/identity-api-authorization
// https://github.com/dotnet/aspnetcore/blob/main/src/Identity/Core/src/IdentityApiEndpointRouteBuilderExtensions.cs
// https://github.com/dotnet/aspnetcore/blob/main/src/Security/Authentication/BearerToken/src/BearerTokenHandler.cs

import { noteRoutes, refreshRoute } from './notes.mjs';

export async function aspnet(app, { store }) {
  // Tickets sealed by Data Protection, and no JWTs.
  const tokens = (session) => ({
    tokenType: 'Bearer',
    accessToken: store.opaqueToken(session),
    expiresIn: store.lifetime,
    refreshToken: store.refreshToken(session),
  });
  const challenge = (reply) => reply.code(401).header('www-authenticate', 'Bearer').send();

  app.post('/api/login', async ({ body }, reply) => {
    if (store.accepts(body.email, body.password)) return tokens(store.begin());
    return reply.code(401).type('application/problem+json').send({ title: 'Unauthorized', status: 401, detail: 'Failed' });
  });
  refreshRoute(app, {
    store,
    url: '/api/refresh',
    busy: (reply) => reply.code(503).send(),
    // No list of tokens is kept: the one before stays good until its end, or until the security stamp changes.
    handler({ body }, reply) {
      const session = store.redeem(body.refreshToken, { rotates: false });
      return session ? reply.send(tokens(session)) : challenge(reply);
    },
  });
  noteRoutes(app, { store, path: '/api/notes', guard: (request, reply) => store.bearer(request) ?? challenge(reply) });
}
