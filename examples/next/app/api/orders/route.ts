import { serverApi } from '../../../server-api';

export async function POST(request: Request) {
  const api = await serverApi();
  const answer = await api.fetch('/orders', {
    method: 'POST', body: await request.text(), headers: { 'Content-Type': 'application/json' }, auth: 'optional',
  });
  return Response.json(await answer.json(), { status: answer.status });
}
