'use client';

import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { HttpError, RefreshUnavailableError, SignInRequiredError } from 'tokenflight';
import { useSession } from 'tokenflight/react';

import { api } from '../api';

export interface Order { id: string; item: string }
export interface Shown { user: string | null; orders: Order[] }

export function Shop({ user, orders }: Shown) {
  const router = useRouter();
  const { status } = useSession(api);
  const [message, setMessage] = useState('');

  /** Does something, renders the page again on the server, and says what went wrong. */
  async function act(what: () => Promise<unknown>) {
    try {
      setMessage('');
      await what();
      router.refresh();
    } catch (error) {
      setMessage(explain(error));
    }
  }

  return (
    <>
      <h1>tokenflight and Next.js</h1>
      <p role="status">{message}</p>
      {!user || status === 'signedOut' ? <SignIn act={act} /> : (
        <>
          <p>Signed in as {user}</p>
          <button id="order" onClick={() => void act(() => api.post('/orders', { item: 'Stoneware mug' }))}>Order a mug</button>
          <button id="expire" onClick={() => void api.post('/expire', undefined, { auth: false })}>Take my tokens back</button>
          <button id="sign-out" onClick={() => void act(api.signOut)}>Sign out</button>
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
    void act(async () => {
      await api.post('/sign-in', Object.fromEntries(form), { auth: false });
      await api.signIn();
    });
  }
  return (
    <form onSubmit={submit}>
      <label>Name <input name="user" defaultValue="ada" autoComplete="username" /></label>
      <label>Password <input name="password" type="password" defaultValue="ada" autoComplete="current-password" /></label>
      <button id="sign-in">Sign in</button>
    </form>
  );
}

function explain(error: unknown): string {
  if (error instanceof SignInRequiredError) return 'Your session is over. Please sign in again.';
  if (error instanceof RefreshUnavailableError) return 'You are still signed in. Try again in a moment.';
  if (error instanceof HttpError) return error.status === 401 ? 'Wrong name or password.' : `The server answered ${error.status}.`;
  return 'The server cannot be reached.';
}
