// THIRD-PARTY-NOTICES.txt: whose work is compiled into the package, and under which licence.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Explained } from '../children.mjs';
import { compiledIn } from './compiled-in.mjs';

/** The MIT licence, for crates that name it and come without its text. @param {string} holders */
const mitOf = (holders) => `Copyright (c) ${holders}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const MIT_OF_RUST = mitOf('The Rust Project Contributors');

/**
 * The licence under which a crate is passed on: MIT where that may be chosen.
 *
 * @param {import('./compiled-in.mjs').Crate} crate
 */
function licenceText({ name, licence, folder, authors }) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|unlicense)/i.test(file)).sort();
  const file = files.find((one) => /mit/i.test(one)) ?? files.find((one) => !/apache/i.test(one)) ?? files[0];
  if (file) return readFileSync(join(folder, file), 'utf8').replace(/\r/g, '').trim();
  if (/\bMIT\b/.test(licence)) return mitOf(authors.join(', ') || `the authors of ${name}`);
  throw new Explained(`${name} comes without the text of its licence (${licence}): add it to scripts/supply/notices.mjs.`);
}

/** The text of the file. Crates that have the same licence, word by word, share it. */
export function notices() {
  const byText = new Map([[MIT_OF_RUST, ["Rust's standard library (std, core, alloc), MIT OR Apache-2.0"]]]);
  for (const crate of compiledIn().slice(1)) {
    const text = licenceText(crate);
    byText.set(text, [...byText.get(text) ?? [], `${crate.name} ${crate.version}, ${crate.licence}`]);
  }
  const line = '-'.repeat(80);
  const parts = [...byText].map(([text, crates]) => `${line}\n${crates.join('\n')}\n${line}\n\n${text}\n`);
  return `tokenflight contains the following software, compiled to WebAssembly or to JavaScript.\n\n${parts.join('\n')}`;
}
