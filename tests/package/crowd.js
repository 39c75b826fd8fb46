// A server at work: an api for each request, for users and visitors at once. Each user's first token has expired.

/**
 * Resolves with what went wrong: nothing, where each got an answer to a request with its own token or, without one,
 * with none.
 */
export async function crowd(createApi, options = {}, size = 50) {
  const pause = () => new Promise((resolve) => { setTimeout(resolve, Math.random() * 20); });
  const refreshed = [];

  async function api(url, { headers, body }) {
    await pause();
    if (url.endsWith('/refresh-token')) {
      const user = /^refresh-(user-\d+)$/.exec(JSON.parse(body ?? '{}').refreshToken)?.[1];
      refreshed.push(user);
      return user ? Response.json({ accessToken: `new-${user}` }) : Response.json({}, { status: 401 });
    }
    const authorization = new Headers(headers).get('Authorization');
    return Response.json({ authorization }, { status: authorization?.startsWith('Bearer old-') ? 401 : 200 });
  }

  /** One request to the server. */
  async function serve(n) {
    const user = n % 2 ? `user-${n}` : undefined;
    const { get, signIn } = createApi({ baseURL: 'https://api.example', fetch: api, ...options });
    await pause();
    if (user) await signIn({ accessToken: `old-${user}`, refreshToken: `refresh-${user}` });
    const answers = await Promise.all([1, 2].map(async (order) => {
      await pause();
      return (await get(`/orders/${order}`)).data.authorization;
    }));
    const expected = user ? `Bearer new-${user}` : null;
    return answers.filter((sent) => sent !== expected).map((sent) => `${user ?? 'a visitor'} was sent as ${sent}`);
  }

  const users = Array.from({ length: size }, (_, n) => n);
  const wrong = (await Promise.all(users.map(serve))).flat();
  const owners = users.filter((n) => n % 2).map((n) => `user-${n}`);
  if (refreshed.sort().join() !== owners.sort().join()) wrong.push(`refreshed: ${refreshed}`);
  return wrong;
}
