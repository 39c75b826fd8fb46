// npm run docs: serves the documentation's site on http://127.0.0.1:4173 or at PORT, and shows changes at once.
// npm run docs -- build: builds it into docs/.vitepress/dist; fails on a link that leads nowhere.

import { join } from 'node:path';
import { build } from './build.mjs';
import { asScript, Explained, run, start } from './children.mjs';
import { buildStaticDemo } from './demo.mjs';
import { root } from './places.mjs';
import { setup } from './setup.mjs';
import { docsPackages } from './setup/npm.mjs';

const docs = join(root, 'docs');
const tool = (name) => join(docs, 'node_modules', '.bin', name);

await asScript(import.meta.url, async (args) => {
  const [what = 'serve', ...more] = args;
  if (!['serve', 'build'].includes(what) || more.length > 0) throw new Explained('npm run docs, or npm run docs -- build');
  await setup({ packages: [docsPackages] });
  await build();
  await buildStaticDemo(join(docs, 'public', 'demo'));
  await run(tool('typedoc'), ['--logLevel', 'Warn'], { cwd: docs });
  if (what === 'build') return run(tool('vitepress'), ['build', '.'], { cwd: docs });
  const port = process.env.PORT ?? '4173';
  return start(tool('vitepress'), ['dev', '.', '--host', '127.0.0.1', '--port', port, '--strictPort'], { cwd: docs }).ended;
});
