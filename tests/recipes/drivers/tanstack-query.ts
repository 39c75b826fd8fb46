import { MutationObserver } from '@tanstack/react-query';
import { addNote, noteQuery, queryClient } from '#recipes/tanstack-query';
import { storyOf } from './story';

export const story = storyOf({
  async read(id, signal) {
    const query = noteQuery(id);
    signal.addEventListener('abort', () => queryClient.cancelQueries({ queryKey: query.queryKey }));
    return (await queryClient.fetchQuery(query)).text;
  },
  write: async (text) => (await new MutationObserver(queryClient, { mutationFn: addNote }).mutate(text)).hash,
});
