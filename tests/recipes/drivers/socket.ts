import { api } from '#recipes/api';
import { socket } from '#recipes/socket';

const received: string[] = [];
socket.addEventListener('message', ({ data }) => {
  const { type, text } = JSON.parse(data);
  received.push(type === 'note' ? text : type);
});

export const story = {
  received: () => received,
  refresh: () => api.refresh(),
  signIn: api.signIn,
};
