// `tokenflight/testing`: for the tests of applications.

export { resetSessions } from './testing/reset.js';
export { signedInState } from './testing/signed-in-state.js';
export { createTokenServer } from './testing/token-server.js';
