import { QueryClientProvider } from '@tanstack/react-query';
import { createElement, useEffect } from 'react';
import { $api } from '#recipes/openapi-react-query';
import { queryClient } from '#recipes/tanstack-query';
import { mountedIn } from './mounted';
import { storyOf } from './story';

export const story = storyOf({
  async read(id, signal) {
    const query = $api.queryOptions('get', '/api/notes/{id}', { params: { path: { id } } });
    signal.addEventListener('abort', () => queryClient.cancelQueries({ queryKey: query.queryKey }));
    return (await queryClient.fetchQuery(query)).text;
  },
  write: (text) => mountedIn<string>(
    (children) => createElement(QueryClientProvider, { client: queryClient }, children),
    ({ resolve, reject }) => {
      const { mutateAsync } = $api.useMutation('post', '/api/notes');
      useEffect(() => void mutateAsync({ body: { text } }).then(({ hash }) => resolve(hash), reject), []);
    },
  ),
});
