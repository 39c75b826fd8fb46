// npm run release -- --dry-run: checks that a release can go out, and says what it would do. About 10 minutes.
// npm run release: the same, then tags the commit and pushes the tag; .github/workflows/release.yml does the rest. For that
// workflow: --tagged, where the commit has its tag already, and --notes, which prints the changelog's section and nothing else.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ask, asScript, Explained, run, runAndRead, runQuietly } from './children.mjs';
import { root, temporaryFolder } from './places.mjs';
import { setup } from './setup.mjs';
import { placePackages } from './setup/npm.mjs';
import { sizes, statedSizesAreTrue } from './sizes.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json'));
const TAG = `v${version}`;
let tarball;
let isTagged = false;

// The result of each check is printed; an error that one throws is a reason not to release.
const CHECKS = {
  'version': checkVersion,
  'changelog': () => `${changesOf(version).split('\n').length} lines for ${version}`,
  'clean tree': checkTree,
  'sizes': checkSizes,
  'publint': async () => checkOutput(await tool('publint', ['run', await packed(), '--strict'])),
  'types': checkTypes,
  'npm publish': () => dryRun('npm', ['publish', '--dry-run', '--provenance=false', '--ignore-scripts']),
  'cargo publish': () => dryRun('cargo', ['publish', '--dry-run', '--locked']),
  'reproducible': checkReproducibility,
};

await asScript(import.meta.url, async (args) => {
  const unknown = args.filter((arg) => !['--dry-run', '--tagged', '--notes'].includes(arg));
  if (unknown.length > 0) throw new Explained(`Not known: ${unknown.join(' ')}. npm run release -- --dry-run, or npm run release`);
  if (args.includes('--notes')) return console.log(changesOf(version));
  isTagged = args.includes('--tagged');
  await setup({ packages: [placePackages] });
  await build();
  const failed = await runChecks();
  console.log(`\nA release of ${version} ${args.includes('--dry-run') ? 'would do' : 'does'} this:\n${steps()}\n`);
  if (failed > 0) throw new Explained(`${failed} of ${Object.keys(CHECKS).length} checks failed: nothing can be released yet.`);
  if (args.includes('--dry-run')) return;
  await run('git', ['tag', '--annotate', TAG, '--message', `tokenflight ${version}`]);
  await run('git', ['push', 'origin', TAG]);
});

async function runChecks() {
  let failed = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    const began = Date.now();
    const [mark, text] = await Promise.resolve().then(check).then(
      (said) => ['✔', said ?? 'ok'],
      (error) => ['✖', error instanceof Explained ? error.message : error.stack],
    );
    if (mark === '✖') failed += 1;
    console.log(`${mark} ${name.padEnd(14)} ${text} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  }
  return failed;
}

function steps() {
  return [
    `git tag ${TAG}, and git push origin ${TAG}; then, by .github/workflows/release.yml:`,
    `npm publish --provenance      tokenflight@${version}`,
    `cargo publish                 tokenflight ${version}`,
    `gh release create ${TAG}      with this text of CHANGELOG.md, and the packed package`,
    'npm run docs -- build         published as the documentation\'s site',
  ].map((line) => `  ${line}`).join('\n');
}

function checkVersion() {
  const [, ofCrate] = /^version = "(.+)"$/m.exec(read('Cargo.toml')) ?? [];
  if (ofCrate !== version) throw new Explained(`package.json says ${version}, Cargo.toml ${ofCrate}`);
  if (isTagged) return `${version} in package.json and Cargo.toml`;
  if (ask('git', ['tag', '--list', TAG])) throw new Explained(`${TAG} is there already: raise the version in package.json and Cargo.toml`);
  return `${version} in package.json and Cargo.toml, and no tag yet`;
}

/** The changelog's section about a version. */
function changesOf(wanted) {
  const [, text] = read('CHANGELOG.md').split(/^## /m).map((part) => part.split(/\n([^]*)/))
    .find(([title]) => title.split(/[ ,]/, 1)[0] === wanted) ?? [];
  if (!text?.trim()) throw new Explained(`CHANGELOG.md has no section "## ${wanted}"`);
  if (/^## Unreleased/m.test(read('CHANGELOG.md'))) throw new Explained('CHANGELOG.md has a section "Unreleased": give it the version');
  return text.trim();
}

function checkTree() {
  const changes = ask('git', ['status', '--porcelain']);
  if (changes === null) throw new Explained('git status failed');
  if (changes !== '') throw new Explained(`not committed:\n${changes}`);
  return `at ${ask('git', ['rev-parse', '--short', 'HEAD'])}`;
}

function checkSizes() {
  const heavy = sizes().filter(({ gzip, budget }) => gzip > budget);
  if (heavy.length > 0) throw new Explained(heavy.map(({ name, gzip, budget }) => `${name}: ${gzip} B, budget ${budget} B`).join('; '));
  if (!statedSizesAreTrue()) throw new Explained('the documentation states other sizes: node scripts/sizes.mjs writes them');
  return `${sizes()[0].gzip} B after gzip`;
}

/** The packed package; packed once. */
async function packed() {
  const folder = temporaryFolder(join(tmpdir(), 'tokenflight-pack-'));
  tarball ??= join(folder, JSON.parse(ask('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]))[0].filename);
  return tarball;
}

function tool(name, args) {
  return quiet(join(root, 'tests', 'package', 'node_modules', '.bin', name), args);
}

async function checkTypes() {
  const file = await packed();
  // Not the WebAssembly: no JavaScript is beside its types.
  checkOutput(await tool('attw', [file, '--profile', 'strict', '--exclude-entrypoints', './tokenflight.wasm']));
  return 'right for every resolution';
}

/** Runs a command and keeps what it says, to be shown when it has failed. */
function quiet(command, args) {
  return runAndRead(command, args, { silent: true });
}

function checkOutput({ code, text }) {
  if (code !== 0) throw new Explained(`\n${text.trim()}`);
  return text.trim().split('\n').at(-1);
}

async function dryRun(command, args) {
  const { code, text } = await quiet(command, args);
  if (code !== 0) throw new Explained(`${command} ${args.join(' ')}\n${text.trim().split('\n').slice(-15).join('\n')}`);
  return `${command} ${args.join(' ')}`;
}

/** Builds the same commit in another folder, from nothing: the files have to be the same bytes. */
async function checkReproducibility() {
  const clone = join(temporaryFolder(join(tmpdir(), 'tokenflight-again-')), 'a folder of another name');
  await runQuietly('git clone', '1 s', 'git', ['clone', '--quiet', root, clone]);
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  await runQuietly('Building once more, elsewhere', '4 min', 'npm', ['run', 'build'], { cwd: clone });
  const [here, there] = [root, clone].map((place) => hashes(join(place, 'dist')));
  const others = Object.keys({ ...here, ...there }).filter((name) => here[name] !== there[name]);
  if (others.length > 0) throw new Explained(`not the same bytes in another folder: ${others.join(', ')}`);
  return `${Object.keys(here).length} files, the same bytes in another folder`;
}

function hashes(folder) {
  return Object.fromEntries(readdirSync(folder).sort().map((name) => (
    [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]
  )));
}
