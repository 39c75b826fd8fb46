import { configureStore } from '@reduxjs/toolkit';
import { isSignInRequired, notesApi } from '#recipes/rtk-query';
import { dataOf } from './answer';
import { storyOf } from './story';

const withFiles = notesApi.injectEndpoints({
  endpoints: (build) => ({
    addFile: build.mutation<{ hash: string }, FormData>({
      query: (body) => ({ url: '/api/files', method: 'POST', body }),
    }),
  }),
});

const store = configureStore({
  reducer: { [notesApi.reducerPath]: notesApi.reducer },
  // A form is no state, and is only passed through.
  middleware: (defaults) => defaults({ serializableCheck: false }).concat(notesApi.middleware),
});

export const story = storyOf({
  async read(id, signal) {
    const call = store.dispatch(notesApi.endpoints.note.initiate(id));
    signal.addEventListener('abort', () => call.abort());
    return dataOf(await call).text;
  },
  write: async (text) => dataOf(await store.dispatch(notesApi.endpoints.addNote.initiate(text))).hash,
  upload: async (form) => dataOf(await store.dispatch(withFiles.endpoints.addFile.initiate(form))).hash,
}, isSignInRequired);
