import { createApi, HttpError } from 'tokenflight';

// The story of an app: sign in, lose the token, send five requests at once.
globalThis.story = async (baseURL) => {
  const api = createApi({ baseURL });
  const { data } = await api.post('/sign-in', { user: 'ada', password: 'ada', ttl: 600 }, { auth: false });
  await api.signIn(data);
  await api.post('/test/expire', { sid: data.sid }, { auth: false });
  const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => api.get(`/ping/${n}`)));
  const missing = await api.get('/missing').catch((error) => error);
  return {
    sid: data.sid,
    statuses: answers.map(({ response }) => response instanceof Response && response.status),
    pings: answers.map((answer) => answer.data.n),
    isHttpError: missing instanceof HttpError && missing.status === 404,
  };
};
