import { StrictMode, useEffect, useState, type FormEvent } from 'react';
import { createRoot } from 'react-dom/client';
import { useSession } from 'tokenflight/react';

import { api, explain, loadOrders, order, signIn, takeTokensBack, type Order } from './shop';

function App() {
  const { status } = useSession(api);
  const [orders, setOrders] = useState<Order[]>([]);
  const [message, setMessage] = useState('');

  /** Does something, and says what went wrong. */
  async function act(what: () => Promise<unknown>) {
    try {
      setMessage('');
      await what();
    } catch (error) {
      setMessage(explain(error));
    }
  }

  const show = async () => setOrders(await loadOrders());

  useEffect(() => {
    if (status === 'signedIn') void act(show);
  }, [status]);

  return (
    <>
      <h1>tokenflight and React</h1>
      <p role="status">{message}</p>
      {status === 'signedOut' && <SignIn act={act} />}
      {status === 'signedIn' && (
        <>
          <button id="order" onClick={() => void act(() => order('Stoneware mug').then(show))}>Order a mug</button>
          <button id="expire" onClick={() => void takeTokensBack()}>Take my tokens back</button>
          <button id="sign-out" onClick={() => void api.signOut()}>Sign out</button>
          <ul>{orders.map(({ id, item }) => <li key={id}>{item}</li>)}</ul>
        </>
      )}
    </>
  );
}

function SignIn({ act }: { act: (what: () => Promise<unknown>) => Promise<void> }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void act(() => signIn(String(form.get('user')), String(form.get('password'))));
  }
  return (
    <form onSubmit={submit}>
      <label>Name <input name="user" defaultValue="ada" autoComplete="username" /></label>
      <label>Password <input name="password" type="password" defaultValue="ada" autoComplete="current-password" /></label>
      <button id="sign-in">Sign in</button>
    </form>
  );
}

// A build for production leaves this out.
if (import.meta.env.DEV) void import('tokenflight/devtools').then(({ mountDevtools }) => mountDevtools(api));

createRoot(document.getElementById('app')!).render(<StrictMode><App /></StrictMode>);
