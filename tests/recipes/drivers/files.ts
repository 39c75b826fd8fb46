import { api } from '#recipes/files';
import { outcomeOf } from './outcome';

/** Resolves with the width of an image; 0: it could not be shown. */
const widthOf = (url: string) => new Promise<number>((resolve) => {
  const image = new Image();
  image.onload = () => resolve(image.naturalWidth);
  image.onerror = () => resolve(0);
  image.src = url;
});

const all = <T>(many: number, one: (id: number) => Promise<T>) => (
  Promise.all(Array.from({ length: many }, (_, n) => one(n + 1)))
);

export const story = {
  /** Resolves when the worker answers for the page. */
  controlled: () => new Promise<void>((resolve) => {
    const { serviceWorker } = navigator;
    if (serviceWorker.controller) resolve();
    else serviceWorker.addEventListener('controllerchange', () => resolve());
  }),
  images: (many: number) => all(many, (id) => widthOf(`/files/${id}.gif?${Math.random()}`)),
  notes: (many: number) => all(many, (id) => outcomeOf(api.fetch(`/api/notes/${id}`))),
  signIn: api.signIn,
  signOut: api.signOut,
};
