// Real tabs: top-level pages of one browser that know nothing of each other, steered by WebDriver.

import { setTimeout as sleep } from 'node:timers/promises';

import { startDriver } from './webdriver.mjs';

/** Starts an engine's browser and opens `count` tabs at `url`. */
export async function openTabs(engine, url, count) {
  const { driver, service } = startDriver(engine);
  const close = async () => {
    await driver.quit().catch(() => {});
    await service.kill();
  };
  try {
    for (let opened = 1; opened < count; opened += 1) await driver.switchTo().newWindow('tab');
    const tabs = await driver.getAllWindowHandles();
    const inEach = (act) => oneAfterAnother(tabs, async (tab) => {
      await driver.switchTo().window(tab);
      return act(tab);
    });
    await inEach(() => driver.get(url));
    const { map_: facts } = await driver.getCapabilities();
    return {
      version: facts.get('browserVersion'),
      run: (task, options, patience) => runInEach(driver, inEach, task, options, patience),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Runs `tasks[task](options)` of the page in all tabs at once, and resolves with what they resolve with. WebDriver
 * speaks to one tab at a time: each is told to begin, and then asked whether it is done.
 */
async function runInEach(driver, inEach, task, options, patience = 120_000) {
  // WebKit calls a page loaded now and then whose module has not run yet.
  await inEach(() => driver.wait(() => driver.executeScript(() => 'tasks' in window), 30_000));
  await inEach(() => driver.executeScript((name, given) => {
    const outcome = {};
    window.outcome = outcome;
    window.tasks[name](given).then(
      (value) => Object.assign(outcome, { done: true, value }),
      (error) => Object.assign(outcome, { done: true, error: `${error}\n${error?.stack ?? ''}` }),
    );
  }, task, options));
  const end = Date.now() + patience;
  for (;;) {
    const outcomes = await inEach(() => driver.executeScript(() => window.outcome));
    const failed = outcomes.find(({ error }) => error);
    if (failed) throw new Error(`in a tab: ${failed.error}`);
    if (outcomes.every(({ done }) => done)) return outcomes.map(({ value }) => value);
    if (Date.now() > end) throw new Error(`${task} has not ended in all tabs after ${patience / 1000} s`);
    await sleep(100);
  }
}

async function oneAfterAnother(items, act) {
  const results = [];
  for (const item of items) results.push(await act(item));
  return results;
}
