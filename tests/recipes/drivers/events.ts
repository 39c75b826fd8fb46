import { api } from '#recipes/api';
import { events } from '#recipes/events';

const received: string[] = [];
events.addEventListener('message', ({ data }) => received.push(data));

export const story = {
  received: () => received,
  signIn: api.signIn,
  isClosed: () => events.readyState === events.CLOSED,
};
