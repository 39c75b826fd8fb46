import { serverApi } from '../../../server-api';

/** Lets the API take all access tokens back: the next request meets a 401. */
export async function POST() {
  const api = await serverApi();
  await api.post('/expire', undefined, { auth: false });
  return new Response(null, { status: 204 });
}
