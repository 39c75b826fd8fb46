// A storage of one's own that pages and workers share: asynchronous, in IndexedDB.

const open = () => new Promise((resolve, reject) => {
  const request = indexedDB.open('tokens', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('tokens');
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export function databaseStorage() {
  let database;
  const run = async (mode, act) => {
    database ??= open();
    const store = (await database).transaction('tokens', mode).objectStore('tokens');
    return new Promise((resolve, reject) => {
      const request = act(store);
      if (mode === 'readonly') request.onsuccess = () => resolve(request.result ?? null);
      else request.transaction.oncomplete = () => resolve();
      request.onerror = () => reject(request.error);
    });
  };
  return {
    get: (key) => run('readonly', (store) => store.get(key)),
    set: (key, value) => run('readwrite', (store) => store.put(value, key)),
    remove: (key) => run('readwrite', (store) => store.delete(key)),
  };
}
