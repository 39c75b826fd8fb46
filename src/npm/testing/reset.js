// Forgetting every session, so that one test leaves nothing to the next.

import { internals as whole } from 'tokenflight';
import { internals as slim } from 'tokenflight/slim';

// Left in a browser by the shell: src/shell/record.js, src/shell/login.js.
const DATABASE = 'tokenflight';
const LED_TO_LOGIN = 'tokenflight login';

/** Clears a record: src/shell/record.js calls it as it does a task of Rust's. */
const CLEARS = { onRecord: () => null };

/** Stands in for a task that nobody drives any more. Rust's own is not freed: the record may call it yet. */
const ABANDONED = { step() {}, free() {} };

export async function resetSessions() {
  await Promise.all([whole, slim].map(reset));
  try {
    globalThis.document && sessionStorage.removeItem(LED_TO_LOGIN);
    await deleteDatabase();
  } catch {
    // They are denied, and nothing is kept there.
  }
}

/** Resets one copy of the module. Apis that are in use go on, as if they had just been created. */
async function reset({ MEMORY, records, waiting, livePlatforms, releaseAll, restart }) {
  const reason = new DOMException('The request was under way when resetSessions was called.', 'AbortError');
  for (const drive of [...waiting]) {
    drive.task = ABANDONED;
    drive.end(() => drive.reject(reason));
  }
  releaseAll();
  const platforms = livePlatforms();
  for (const platform of platforms) {
    platform.write(1, null);
    platform.write(0, null);
  }
  restart();
  const places = [MEMORY, ...webStorages(), ...platforms.map(({ settings }) => settings.storage)];
  const known = new Set(places.flatMap((place) => [...records.get(place)?.values() ?? []]));
  for (const { session } of platforms) known.add(session.record);
  // Requests of abandoned tasks to a record come before.
  await Promise.all([...known].map((record) => record.exclusively(CLEARS)));
  await Promise.all(platforms.map((platform) => platform.flush()));
}

/** The storages of the page. Node has them as well, and warns of whoever reads them. */
function webStorages() {
  try {
    return globalThis.document ? [localStorage, sessionStorage] : [];
  } catch {
    return [];
  }
}

/** Deletes the records that no api of this page has in use. */
const deleteDatabase = () => new Promise((resolve) => {
  const request = globalThis.indexedDB?.deleteDatabase(DATABASE);
  if (!request) resolve();
  else for (const type of ['success', 'error', 'blocked']) request.addEventListener(type, resolve);
});
