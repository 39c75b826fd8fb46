// `tokenflight/svelte`: a store is a contract, so nothing of Svelte's is needed.

import { isInPage } from '../shell/page.js';
import { requireApi, UNKNOWN } from './binding.js';

export function useSession(api) {
  requireApi(api);
  return {
    subscribe(run) {
      if (!isInPage()) {
        run(UNKNOWN);
        return () => {};
      }
      let known;
      const tell = (session) => {
        // A change that was made just before is told of later, and Svelte would render the same object again.
        if (session !== known) run(known = session);
      };
      tell(api.session);
      return api.subscribe(tell);
    },
  };
}
