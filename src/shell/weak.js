// Weak references.

/**
 * Refers to `target` weakly; strongly in those runtimes of servers that know no weak references.
 *
 * @template {object} T
 * @param {T} target
 * @returns {{ deref(): T | undefined }}
 */
export function weakly(target) {
  return typeof WeakRef === 'function' ? new WeakRef(target) : { deref: () => target };
}
