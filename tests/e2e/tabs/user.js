// A storage of the caller's own that the tabs share: one object, as applications keep their user.

export function userStorage() {
  const read = () => JSON.parse(localStorage.user ?? '{}');
  return {
    shared: true,
    get: (key) => read()[key] ?? null,
    set: (key, value) => { localStorage.user = JSON.stringify({ ...read(), [key]: value }); },
    remove: (key) => { localStorage.user = JSON.stringify({ ...read(), [key]: undefined }); },
    subscribe(listener) {
      addEventListener('storage', listener);
      return () => removeEventListener('storage', listener);
    },
  };
}
