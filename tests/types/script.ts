// A classic script: no import, no export, the module as a global.

/// <reference types="tokenflight" />

const api = tokenflight.createApi({ baseURL: '/api' });
const onError = (error: unknown) => error instanceof tokenflight.HttpError && error.status;
