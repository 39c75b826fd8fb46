// node scripts/picture.mjs: runs the demo's first page, and draws what its time line shows as docs/public/timeline.svg.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { buildServer } from '../www/server/app.js';
import { build } from './build.mjs';
import { asScript } from './children.mjs';
import { buildDemo } from './demo.mjs';
import { root } from './places.mjs';
import { setup } from './setup.mjs';
import { ENGINES } from './setup/engines.mjs';

const [COLUMN, GAP, LABEL, TRACK, ROW, TOP] = [330, 24, 92, 140, 17, 84];

const STYLE = `
  text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #22262a }
  .name { font: 700 16px system-ui, sans-serif } .verdict, .result { font: 600 13px system-ui, sans-serif }
  .result { font-weight: 400 } .track { fill: #f0eee8 }
  .ok { fill: #2c7a4b } .unauthorized { fill: #b25a00 } .lost { fill: #b3261e } .refreshing { fill: #5b57c7 }
  .replay { fill: #138496 } .waiting { fill: #8d897f; opacity: 0.45 } text.refresh { fill: #5b57c7; font-weight: 700 }
  text.failed, .bad { fill: #b3261e } .good { fill: #2c7a4b }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8e6e1 } .track { fill: #23292d }
    .ok, .good { fill: #6fce92 } .unauthorized { fill: #f0a648 } .lost, .bad, text.failed { fill: #ff8a80 }
    .refreshing, text.refresh { fill: #a09cff } .replay { fill: #56c5d6 } .waiting { fill: #7d868c }
  }`;

await asScript(import.meta.url, async () => {
  await setup({ engines: ['chromium'] });
  await build();
  await buildDemo();
  const lanes = await record();
  const file = join('docs', 'public', 'timeline.svg');
  writeFileSync(join(root, file), draw(lanes));
  console.log(`Written to ${file}`);
});

/** Resolves with the content of the three time lines after a run, as numbers and texts. */
async function record() {
  const app = await buildServer({ latency: 80 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const executablePath = ENGINES.chromium.find().browser;
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    // The first run compiles and connects; the second one shows what there is to see.
    for (let runs = 0; runs < 2; runs += 1) {
      await page.locator('#submit').click();
      await page.locator('.buttons [aria-disabled]').first().waitFor();
      await page.locator('.buttons:not(:has([aria-disabled]))').waitFor();
    }
    await page.waitForTimeout(300);
    return await page.locator('.lane').evaluateAll((sections) => sections.map((section) => {
      const burst = section.querySelector('tokenflight-timeline').shadowRoot.querySelector('.burst');
      const text = (node) => node.textContent;
      return {
        name: text(section.querySelector('h2')),
        verdict: text(section.querySelector('.verdict')),
        tone: section.querySelector('.verdict').dataset.tone,
        result: text(burst.querySelector('.result')),
        rows: [...burst.querySelectorAll('li')].map((row) => ({
          kind: row.className, label: text(row.querySelector('.label')), outcome: text(row.querySelector('.outcome')),
          bars: [...row.querySelectorAll('.bar')].map(({ className, style }) => ({
            kind: className.replace('bar ', ''), left: parseFloat(style.left), width: parseFloat(style.width),
          })),
        })),
      };
    }));
  } finally {
    await browser.close();
    await app.close();
  }
}

function draw(lanes) {
  const rows = Math.max(...lanes.map((lane) => lane.rows.length));
  const [width, height] = [lanes.length * (COLUMN + GAP) - GAP, TOP + rows * ROW + 44];
  const said = lanes.map(({ name, verdict, result }) => `${name}: ${verdict} ${result}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${said}">`,
    `<style>${STYLE}</style>`,
    ...lanes.map((lane, index) => `<g transform="translate(${index * (COLUMN + GAP)} 0)">${drawLane(lane)}</g>`),
    '</svg>\n',
  ].join('\n');
}

function drawLane({ name, verdict, tone, result, rows }) {
  const end = TOP + rows.length * ROW;
  const words = wrapped(result, 46).map((line, n) => `<text class="result" y="${end + 4 + n * 17}">${line}</text>`);
  return [
    `<text class="name" y="20">${name}</text>`, `<text class="verdict ${tone}" y="42">${verdict}</text>`,
    ...rows.map((row, n) => drawRow(row, TOP - 14 + n * ROW)), ...words,
  ].join('');
}

function drawRow({ kind, label, outcome, bars }, y) {
  const text = (x, content, more = '') => `<text class="${kind}" x="${x}" y="${y}"${more}>${content}</text>`;
  const bar = ({ kind: colour, left, width }) => {
    const [top, tall] = colour === 'waiting' ? [y - 6, 4] : [y - 10, 12];
    const long = Math.max(2, (width / 100) * TRACK);
    return `<rect class="${colour}" x="${(LABEL + (left / 100) * TRACK).toFixed(1)}" y="${top}" width="${long.toFixed(1)}" height="${tall}" rx="2"/>`;
  };
  return text(0, label) + `<rect class="track" x="${LABEL}" y="${y - 10}" width="${TRACK}" height="12" rx="2"/>`
    + bars.map(bar).join('') + text(COLUMN, outcome, ' text-anchor="end"');
}

function wrapped(text, most) {
  return text.split(' ').reduce((lines, word) => {
    const last = lines.at(-1);
    return `${last} ${word}`.length > most ? [...lines, word] : [...lines.slice(0, -1), `${last} ${word}`.trim()];
  }, ['']);
}
