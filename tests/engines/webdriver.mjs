// The WebDriver of an engine: starts its browser.

import { Capabilities, WebDriver } from 'selenium-webdriver';
import { Executor, HttpClient } from 'selenium-webdriver/http/index.js';
import { DriverService } from 'selenium-webdriver/remote/index.js';

import { ENGINES } from '../../scripts/setup/engines.mjs';

/** Starts an engine's browser; returns its driver, and the process behind that, to be ended after it. */
export function startDriver(engine) {
  const { find, capabilities, env } = ENGINES[engine];
  const { browser, driver: executable } = find();
  const service = new DriverService.Builder(executable)
    .setLoopback(true)
    .setEnvironment({ ...process.env, ...env })
    .build();
  const executor = new Executor(service.start().then((address) => new HttpClient(address)));
  const driver = WebDriver.createSession(executor, new Capabilities(capabilities(browser)));
  return { driver, service };
}
