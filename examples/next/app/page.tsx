// Rendered on the server, signed in at once: the proxy has refreshed.

import { serverApi } from '../server-api';
import { Shop, type Shown } from './shop';

const VISITOR: Shown = { user: null, orders: [] };

async function load(): Promise<Shown> {
  const api = await serverApi();
  const answer = await api.fetch('/orders', { auth: 'optional' });
  if (answer.status === 401) return VISITOR;
  if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
  return answer.json();
}

export default async function Page() {
  return <Shop {...await load()} />;
}
