// npm start: the demo, on http://127.0.0.1:4180 or at PORT.

import { build } from './build.mjs';
import { asScript } from './children.mjs';
import { buildDemo, serveDemo } from './demo.mjs';
import { setup } from './setup.mjs';

await asScript(import.meta.url, async () => {
  await setup();
  await build();
  await buildDemo();
  return serveDemo();
});
