// `tokenflight/react`.

import { useSyncExternalStore } from 'react';
import { requireApi, UNKNOWN } from './binding.js';

const onServer = () => UNKNOWN;

export function useSession(api) {
  requireApi(api);
  return useSyncExternalStore(api.subscribe, () => api.session, onServer);
}
