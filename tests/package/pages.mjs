// Pages without a bundler: the package's files are served as they are, in the demo's strict policy.

import { app, FILES, html, slim, WRITES } from './app.mjs';

const MODULE = html('type="module" src="/main.js"');
const CLASSIC = html(`src="${FILES}/index.global.js"`, 'src="/main.js"');
const SLIM = slim(`new URL('${FILES}/tokenflight.wasm', import.meta.url)`, '', `${FILES}/slim.js`);
const IN_1252 = `${WRITES.global}
if (document.characterSet !== 'windows-1252' || 'é'.length !== 2) throw new Error('read as UTF-8');`;

export const pages = [
  { name: 'plain module script', fast: true, page: MODULE, writes: WRITES.url },
  { name: 'plain module script, slim', page: MODULE, writes: SLIM },
  { name: 'IIFE', fast: true, page: CLASSIC, writes: WRITES.global },
  { name: 'IIFE, windows-1252', page: CLASSIC, writes: IN_1252, prepare: serveIn1252 },
].map((place) => ({ ...place, play: (fixture) => play(fixture, place) }));

async function play(fixture, { page, writes, prepare }) {
  fixture.write({ 'index.html': page, 'main.js': app(writes) });
  await fixture.play(await fixture.shop(), { prepare });
}

/** As a server does it that knows nothing of encodings: classic scripts are then read in that of the page. */
function serveIn1252(page) {
  return page.route('**/*', async (route) => {
    if (route.request().url().includes('/api/')) return route.continue();
    const response = await route.fetch();
    const type = response.headers()['content-type'].split(';')[0];
    const encoding = type === 'text/html' ? '; charset=windows-1252' : '';
    return route.fulfill({ response, headers: { ...response.headers(), 'content-type': type + encoding } });
  });
}
