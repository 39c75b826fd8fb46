import { cookies } from 'next/headers';
import { openSession } from '../../../session';

export async function POST() {
  const jar = await cookies();
  const { api, changes } = openSession((name) => jar.get(name)?.value);
  await api.signOut(); // tells the API as well
  for (const { name, value, options } of changes()) jar.set(name, value, options);
  return new Response(null, { status: 204 });
}
