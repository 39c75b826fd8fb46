import { api } from '#recipes/files';
import { outcomeOf } from './outcome';

/** Resolves with the width of an image; 0: it could not be shown. */
const widthOf = (url: string) => new Promise<number>((resolve) => {
  const image = new Image();
  image.onload = () => resolve(image.naturalWidth);
  image.onerror = () => resolve(0);
  image.src = url;
});

export const story = {
  /** Resolves when the worker answers for the page. */
  controlled: () => new Promise<void>((resolve) => {
    const { serviceWorker } = navigator;
    if (serviceWorker.controller) resolve();
    else serviceWorker.addEventListener('controllerchange', () => resolve());
  }),
  images: (many: number) => Promise.all(Array.from({ length: many }, (_, n) => widthOf(`/files/${n + 1}.gif?${Math.random()}`))),
  notes: (many: number) => Promise.all(Array.from({ length: many }, (_, n) => outcomeOf(api.fetch(`/api/notes/${n + 1}`)))),
  signIn: api.signIn,
  signOut: api.signOut,
};
