// The dialogs of an app, and the requests that follow. They use the plain `fetch`, as docs/recipes.md says.

type Tokens = { accessToken: string; refreshToken?: string };

/** The texts that the dialogs of this page have shown. */
export const shown: string[] = [];

/** For a step-up. Rejects when the user declines. */
export async function authenticate(challenge: string): Promise<Tokens> {
  const answer = await ask(challenge);
  if (!answer) throw new Error('The user has declined.');
  return post('/step-up', answer, { Authorization: `Bearer ${localStorage.getItem('accessToken')}` });
}

/** Resolves with `null` when the user declines. */
export async function signInAgain(signal: AbortSignal): Promise<Tokens | null> {
  const answer = await ask('Sign in again', signal);
  return answer && post('/sign-in', { ...answer, ttl: 3600 });
}

async function post(url: string, body: object, headers = {}): Promise<Tokens> {
  const response = await fetch(url, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return response.json();
}

function ask(text: string, signal?: AbortSignal): Promise<{ user: string; password: string } | null> {
  shown.push(text);
  const dialog = document.body.appendChild(document.createElement('dialog'));
  const form = dialog.appendChild(document.createElement('form'));
  form.method = 'dialog';
  const field = (name: string) => form.appendChild(Object.assign(document.createElement('input'), { name }));
  const [user, password] = [field('user'), field('password')];
  form.append(Object.assign(document.createElement('button'), { value: 'ok' }));
  signal?.addEventListener('abort', () => dialog.close());
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'ok' ? { user: user.value, password: password.value } : null);
    });
  });
}
