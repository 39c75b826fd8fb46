import { createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import useSWR, { SWRConfig } from 'swr';
import useSWRMutation from 'swr/mutation';
import { post, swr } from '#recipes/swr';
import { storyOf } from './story';

// SWR shows an error at once and tries again in the background: here not after its five seconds, but while this waits.
const config = { ...swr, errorRetryInterval: 50 };
const ENOUGH_FOR_A_RETRY = 500;

/** Mounts a component that uses a hook, until `settle` has been called from there. */
function mounted<T>(useHook: (settle: { resolve(value: T): void; reject(error: unknown): void }) => void): Promise<T> {
  const root = createRoot(document.createElement('div'));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const Component = () => (useHook({ resolve, reject }), null);
  root.render(createElement(SWRConfig, { value: config }, createElement(Component)));
  return promise.finally(() => root.unmount());
}

export const story = storyOf({
  read: (id) => mounted<string>(({ resolve, reject }) => {
    const { data, error } = useSWR<{ text: string }>(`/api/notes/${id}`);
    useEffect(() => {
      if (data) resolve(data.text);
      if (error) setTimeout(reject, ENOUGH_FOR_A_RETRY, error);
    }, [data, error]);
  }),
  write: (text) => mounted<string>(({ resolve, reject }) => {
    const { trigger } = useSWRMutation('/api/notes', post);
    useEffect(() => void trigger({ text }).then(({ hash }) => resolve(hash), reject), []);
  }),
});
