import { createElement, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

export type Hook<T> = (settle: { resolve(value: T): void; reject(error: unknown): void }) => void;

/** Mounts a component that uses a hook, inside a provider, until the hook has settled. */
export function mountedIn<T>(provider: (children: ReactNode) => ReactNode, useHook: Hook<T>): Promise<T> {
  const root = createRoot(document.createElement('div'));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const Component = () => (useHook({ resolve, reject }), null);
  root.render(provider(createElement(Component)));
  return promise.finally(() => root.unmount());
}
