// Weak references.

/**
 * Refers to `target` weakly; strongly in server runtimes that have no weak references.
 *
 * @template {object} T
 * @param {T} target
 * @returns {{ deref(): T | undefined }}
 */
export function weakly(target) {
  return typeof WeakRef === 'function' ? new WeakRef(target) : { deref: () => target };
}
