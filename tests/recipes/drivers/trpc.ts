import { trpc } from '#recipes/trpc';
import { storyOf } from './story';

const BATCH = 5;
const tick = () => new Promise((resolve) => setTimeout(resolve));

export const story = storyOf({
  async read(id, signal) {
    // Calls of one tick go out as one batch.
    for (let before = Math.floor((id - 1) / BATCH); before > 0; before -= 1) await tick();
    return (await trpc.note.query(id, { signal })).text;
  },
  write: (text) => trpc.addNote.mutate(text),
});
