// For classic scripts, where every export is for everybody: without what only `tokenflight/testing` needs.

export { createApi } from './index.js';
export * from './errors.js';
