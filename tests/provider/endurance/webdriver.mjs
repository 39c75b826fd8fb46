// Tabs of Firefox and WebKit, through WebDriver: it speaks to one window at a time, closes and opens them, and cannot
// freeze or crash them. Offline is the server's doing there.

import { ENGINES } from '../../../scripts/setup/engines.mjs';
import { startDriver } from '../../engines/webdriver.mjs';
import { atMost } from '../driver/at-most.mjs';

const STEP = 30_000;

export async function startWebDriver(engine) {
  const { title } = ENGINES[engine];
  const { driver, service } = startDriver(engine);
  // The window that it begins with stays, so that the session does not end with the last tab.
  const first = await driver.getWindowHandle();
  const { map_: facts } = await driver.getCapabilities();
  const alone = inTurn();
  return {
    title,
    version: facts.get('browserVersion'),
    kinds: ['kill', 'offline', 'clock', 'delete', 'outage', 'slow'],
    canCrash: false,
    open: (url) => alone(async () => {
      await driver.switchTo().window(first);
      await driver.switchTo().newWindow('tab');
      const handle = await driver.getWindowHandle();
      await driver.get(url);
      return { handle };
    }),
    close: ({ handle }) => alone(async () => {
      await driver.switchTo().window(handle);
      await driver.close();
      await driver.switchTo().window(first);
    }),
    async stop() {
      await atMost(STEP, driver.quit(), 'closing the browser').catch((error) => console.error(error.message));
      await service.kill();
    },
  };
}

/** Runs one work after the other. */
function inTurn() {
  let last = Promise.resolve();
  return (work) => {
    const done = last.then(() => atMost(STEP, work(), 'WebDriver'));
    last = done.catch(() => {});
    return done;
  };
}
