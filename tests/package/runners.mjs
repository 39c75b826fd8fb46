// Test runners: the story is a test of the app's, with what a user configures and no more.

import { app, WRITES } from './app.mjs';
import { assertQuiet } from './output.mjs';

const VITEST = `import { expect, test } from 'vitest';\n${app()}`;
const JEST = app(WRITES.require);

const TEST = `
test('the story', async () => {
  const seen = await story(process.env.API);
  expect(seen.statuses).toEqual([200, 200, 200, 200, 200]);
  process.stdout.write(\`\\n\${JSON.stringify(seen)}\\n\`);
});
`;

// jsdom has no fetch. Who tests with it gives it Node's, and all that belongs to it: Node's fetch takes no AbortSignal
// but Node's.
const WITH_FETCH = `const { TestEnvironment } = require('jest-environment-jsdom');

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, {
      fetch, Headers, Request, Response, FormData, Blob, AbortController, AbortSignal, ReadableStream,
      TextDecoder, TextEncoder,
    });
  }
};
`;

const vitest = (environment) => ({
  'app.test.js': VITEST + TEST,
  'vitest.config.js': `export default { test: { environment: '${environment}' } };\n`,
});
const jest = (environment) => ({
  'app.test.cjs': JEST + TEST,
  'with-fetch.cjs': WITH_FETCH,
  'jest.config.cjs': `module.exports = { testEnvironment: '${environment}', cacheDirectory: './.jest' };\n`,
});

export const runners = [
  { name: 'Vitest', of: 'vitest', release: 22, command: 'vitest run', files: vitest('node') },
  { name: 'Vitest, jsdom', of: 'vitest', release: 22, command: 'vitest run', files: vitest('jsdom') },
  { name: 'Jest', of: 'jest', command: 'jest', files: jest('node') },
  { name: 'Jest, jsdom', of: 'jest', command: 'jest', files: jest('./with-fetch.cjs') },
].map((runner) => ({ ...runner, play: (fixture) => play(fixture, runner) }));

async function play(fixture, { files, command }) {
  fixture.write(files);
  const log = await fixture.run(command, { API: `${await fixture.shop()}/api` });
  assertQuiet(await fixture.judgeLog(log));
}
