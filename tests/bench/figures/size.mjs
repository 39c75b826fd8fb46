// The download size of each candidate.

import { sizes, weigh } from '../../../scripts/sizes.mjs';
import { bundle, bundleText } from '../bundle.mjs';
import { printTable, versionsOf } from '../report.mjs';

const GOAL = 24_000;
const SUPERTOKENS = "import s from 'supertokens-website'; s.init({ apiDomain: location.origin });";
// The file of a candidate holds its duties as well. supertokens-website brings them itself.
const BUNDLES = {
  'hand-written': () => bundle('candidates/handwritten.js'),
  ofetch: () => bundle('candidates/ofetch.js'),
  wretch: () => bundle('candidates/wretch.js'),
  'openapi-fetch': () => bundle('candidates/openapi-fetch.js'),
  alova: () => bundle('candidates/alova.js'),
  'axios + auth-refresh': () => bundle('candidates/axios.js'),
  ky: () => bundle('candidates/ky.js'),
  'supertokens-website': () => bundleText(SUPERTOKENS),
};

export const title = 'Size';
export const usually = { full: '5 s', short: '5 s' };

export async function run() {
  const own = sizes().map((entry) => ({ ...entry, version: versionsOf('tokenflight') }));
  const peers = await Promise.all(Object.entries(BUNDLES).map(async ([name, make]) => (
    { name, version: versionsOf(name), ...weigh(await make()) }
  )));
  const rows = [...own, ...peers];
  printTable(`Everything that is downloaded, minified: bytes (tokenflight is to come down to ${GOAL} after gzip)`, [
    ['candidate', 'name'], ['version', 'version'], ['raw', 'raw'], ['gzip -9', 'gzip'], ['brotli 11', 'brotli'],
    ['budget', 'budget'],
  ], rows);
  const failures = own.filter(({ gzip, budget }) => gzip > budget)
    .map(({ name, gzip, budget }) => `${name} has ${gzip} bytes after gzip; its budget is ${budget}`);
  return { unit: 'bytes', goal: GOAL, rows, failures };
}
