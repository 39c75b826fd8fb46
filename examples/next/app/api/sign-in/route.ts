import { cookies } from 'next/headers';
import { openSession } from '../../../session';

export async function POST(request: Request) {
  const jar = await cookies();
  const { api, begin, changes } = openSession((name) => jar.get(name)?.value);
  const answer = await api.fetch('/sign-in', {
    method: 'POST', body: await request.text(), headers: { 'Content-Type': 'application/json' }, auth: false,
  });
  if (!answer.ok) return new Response(null, { status: answer.status });
  begin(await answer.json());
  for (const { name, value, options } of changes()) jar.set(name, value, options);
  return new Response(null, { status: 204 });
}
