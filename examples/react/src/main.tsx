import { StrictMode, useEffect, useState, type FormEvent } from 'react';
import { createRoot } from 'react-dom/client';

import { api, explain, loadOrders, onSignedOut, order, signIn, takeTokensBack, type Order } from './shop';

function App() {
  const [orders, setOrders] = useState<Order[] | null>();
  const [message, setMessage] = useState('');

  /** Does something, then loads the orders anew; says what went wrong. */
  async function act(what: () => Promise<unknown>) {
    try {
      setMessage('');
      await what();
      setOrders(await loadOrders());
    } catch (error) {
      setMessage(explain(error));
    }
  }

  useEffect(() => {
    void act(async () => {});
    return onSignedOut(() => setOrders(null));
  }, []);

  return (
    <>
      <h1>tokenflight and React</h1>
      <p role="status">{message}</p>
      {orders === null && <SignIn act={act} />}
      {orders && (
        <>
          <button id="order" onClick={() => void act(() => order('Stoneware mug'))}>Order a mug</button>
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

createRoot(document.getElementById('app')!).render(<StrictMode><App /></StrictMode>);
