// `tokenflight/vue`.

import {
  getCurrentInstance, getCurrentScope, hasInjectionContext, inject, onMounted, onScopeDispose, shallowReadonly, shallowRef,
  ssrContextKey,
} from 'vue';
import { requireApi, UNKNOWN } from './binding.js';

export function useSession(api) {
  requireApi(api);
  const session = shallowRef(UNKNOWN);
  const update = () => { session.value = api.session; };
  // A component that is rendered on a server is never disposed of: nothing is subscribed there.
  if (hasInjectionContext() && inject(ssrContextKey, null)) return shallowReadonly(session);
  // A component that takes over what the server has rendered has its element already, and begins with the same.
  if (getCurrentInstance()?.vnode.el) onMounted(update);
  else update();
  const leave = api.subscribe(update);
  if (getCurrentScope()) onScopeDispose(leave);
  return shallowReadonly(session);
}
