import { createElement, useEffect } from 'react';
import useSWR, { SWRConfig } from 'swr';
import useSWRMutation from 'swr/mutation';
import { post, swr } from '#recipes/swr';
import { type Hook, mountedIn } from './mounted';
import { storyOf } from './story';

// SWR shows an error at once and tries again in the background: here not after its five seconds, but while this waits.
const config = { ...swr, errorRetryInterval: 50 };
const ENOUGH_FOR_A_RETRY = 500;

const mounted = <T>(useHook: Hook<T>) => (
  mountedIn((children) => createElement(SWRConfig, { value: config }, children), useHook)
);

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
