// The results of the last published benchmark: what the page shows, and docs/benchmarks.md says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { PUBLISHED, TABLE, TABLE_IN } from '../../scripts/bench.mjs';
import { root } from '../../scripts/places.mjs';
import { FIGURES, headlines, publishedTable } from '../bench/charts.mjs';
import { launchBrowser, openPage } from './shop.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const published = JSON.parse(read(PUBLISHED));

let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

/** The texts of all charts' rows, without the cells that hold bars. */
const rowsOf = (page) => page.locator('.chart').evaluateAll((charts) => charts.map((chart) => (
  [...chart.querySelectorAll('tbody tr')].map((row) => [...row.cells].filter((cell) => !cell.ariaHidden)
    .map((cell) => cell.textContent)))));

test('each figure of the benchmark is published, with rows of tokenflight', () => {
  for (const figure of FIGURES) {
    const charts = published.charts.filter((chart) => chart.figure === figure);
    assert.notEqual(charts.length, 0, `${PUBLISHED} lacks ${figure}: npm run bench -- --publish`);
    for (const { title, own, rows } of charts) {
      const names = rows.map(({ name }) => name);
      assert.ok(own.length > 0 && own.every((name) => names.includes(name)), title);
      assert.ok(rows.every(({ value }) => Number.isFinite(value)), title);
    }
  }
});

test('the documentation has the table of what is published', () => {
  assert.equal(read(TABLE_IN).match(TABLE)[0], publishedTable(published));
});

test('what is said of it is what was measured, and no time is negative', () => {
  assert.deepEqual(published.says, headlines(published.charts));
  assert.equal(published.says.length, 3);
  assert.ok(published.charts.every(({ rows }) => rows.every(({ value }) => value >= 0)));
});

test('all charts have one order', () => {
  const kinds = ['own', 'yardstick', 'limit', 'peer'];
  for (const { title, rows } of published.charts) {
    const ranks = rows.map(({ kind }) => kinds.indexOf(kind));
    assert.deepEqual(ranks, ranks.toSorted((a, b) => a - b), title);
    const peers = rows.filter(({ kind }) => kind === 'peer').map(({ name }) => name);
    assert.deepEqual(peers, peers.toSorted((a, b) => a.localeCompare(b, 'en')), title);
  }
});

test('the page shows all of it, and violates nothing', async (t) => {
  const { page, errors, violations } = await openPage(t, browser, '/bench.html');
  await page.locator('.chart').first().waitFor();
  const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
  const wanted = published.charts.map(({ rows }) => rows.map(({ name, version, note, value, spread }) => [
    `${name}${version ? ` ${version}` : ''}${note ?? ''}`, number.format(value),
    spread === undefined ? '' : number.format(spread),
  ]));
  assert.deepEqual(await rowsOf(page), wanted);
  assert.deepEqual(await page.locator('#says li').allTextContents(), published.says);
  assert.equal(await page.locator('.goal details[open]').count(), 0, 'the goals are folded');
  assert.deepEqual(await page.locator('.chart h2').allTextContents(), published.charts.map(({ title }) => title));
  const conditions = await page.locator('#conditions').textContent();
  for (const part of [published.command, published.taken, published.chromium, published.node]) {
    assert.ok(conditions.includes(part), part);
  }
  assert.deepEqual(violations, []);
  assert.deepEqual(errors, []);
});

test('it fits a narrow screen', async (t) => {
  const { page } = await openPage(t, browser, '/bench.html', { viewport: { width: 390, height: 800 } });
  await page.locator('.chart').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('the shop leads to it', async (t) => {
  const { page } = await openPage(t, browser, '/login');
  await page.locator('a[href="/bench.html"]').click();
  await page.locator('.chart').first().waitFor();
});
