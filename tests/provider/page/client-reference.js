// The plainest client that passes in theory: one lock around everything that refreshes, and the tokens of record
// in IndexedDB. It tests the harness: a fault that it shows is the harness's.

const open = new Promise((resolve, reject) => {
  const request = indexedDB.open('reference', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('tokens');
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function record(mode, ask) {
  const transaction = (await open).transaction('tokens', mode);
  const request = ask(transaction.objectStore('tokens'));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

const read = async () => await record('readonly', (tokens) => tokens.get('now'))
  ?? { access: localStorage.getItem('accessToken'), refresh: localStorage.getItem('refreshToken') };

const write = async (tokens) => {
  await record('readwrite', (store) => store.put(tokens, 'now'));
  localStorage.setItem('refreshToken', tokens.refresh);
  localStorage.setItem('accessToken', tokens.access);
};

class RefreshUnavailableError extends Error {
  name = 'RefreshUnavailableError';
}

async function refresh() {
  const { refresh: token } = await read();
  for (let left = 3; ; left -= 1) {
    const response = await fetch('/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'shop' }),
    }).catch(() => null);
    if (response?.ok) {
      const answer = await response.json().catch(() => null);
      if (answer) return write({ access: answer.access_token, refresh: answer.refresh_token });
    }
    if (response && response.status < 500) throw new Error(`refused: ${await response.text()}`);
    if (left === 0) throw new RefreshUnavailableError('no refresh');
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}

const attempt = (url, init, token) => (
  fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } })
);

export async function send(method, url, body) {
  const init = { method, body: body && JSON.stringify(body), headers: body && { 'Content-Type': 'application/json' } };
  const { access } = await read();
  const first = await attempt(url, init, access);
  await first.text();
  if (first.status !== 401) return first.status;
  await navigator.locks.request('refresh', async () => {
    if ((await read()).access === access) await refresh();
  });
  const second = await attempt(url, init, (await read()).access);
  await second.text();
  return second.status;
}
