// The timeout of one attempt (rule 2.8).

import { check, equal, rejection, same } from './expect.js';
import { during, duration, until } from './support.js';

export async function a_timeout_rejects_with_a_timeout_error({ signIn }) {
  const { api } = await signIn();
  for (const init of [{ timeout: 100 }, { timeout: 100, method: 'GET', signal: new AbortController().signal }]) {
    const response = api.fetch('/test/slow?ms=3000', init);
    const took = await duration(response);
    check(took >= 95 && took < 1500, `it took ${took} ms`);
    const error = await rejection(response, DOMException);
    equal([error.name, error.code], ['TimeoutError', DOMException.TIMEOUT_ERR], 'the error');
    check(!init.signal?.aborted, 'the signal of the caller is left alone');
  }
}

export async function the_timeout_of_a_request_overrides_the_option({ signIn }) {
  const { api } = await signIn({ timeout: 100 });
  equal((await rejection(api.fetch('/test/slow?ms=2000'))).name, 'TimeoutError', 'by the option');
  equal((await api.fetch('/test/slow?ms=300', { timeout: 3000 })).status, 200, 'longer');
  equal((await api.fetch('/test/slow?ms=300', { timeout: 0 })).status, 200, 'none');
  const { api: patient } = await signIn({ timeout: 5000 });
  check(await duration(patient.fetch('/test/slow?ms=2000', { timeout: 50 })) < 1000, 'shorter');
  equal((await rejection(patient.get('/test/slow?ms=2000', { timeout: 50 }))).name, 'TimeoutError', 'for get');
}

export async function the_wait_for_a_flight_does_not_count({ signIn }) {
  const { api, expire, faults, stats } = await signIn({ timeout: 300 });
  await expire();
  await faults({ delay: 900 });
  const first = api.fetch('/test/echo');
  await until(async () => (await stats()).refreshes === 1, 'the refresh has arrived');
  const second = api.fetch('/test/echo', { method: 'POST', body: new Blob(['x']) });
  equal([(await first).status, (await second).status], [200, 200], 'the statuses');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function each_attempt_has_the_whole_timeout({ signIn }) {
  const { api, expire, stats } = await signIn();
  await expire();
  // The refusal takes 300 ms and the replay as long, more than 500 together.
  equal((await api.fetch('/test/slow-401?ms=300', { timeout: 500 })).status, 200, 'the status');
  await expire();
  const error = await rejection(api.fetch('/test/slow?ms=3000', { timeout: 300 }), DOMException);
  equal([error.name, (await stats()).refreshes], ['TimeoutError', 2], 'when the replay takes too long');
}

export async function the_body_may_take_longer({ signIn }) {
  const { api, expire } = await signIn({ timeout: 250 });
  for (const replayed of [false, true]) {
    if (replayed) await expire();
    const response = await api.fetch('/test/stream?chunks=6&ms=100');
    equal((await response.text()).split('\n').length, 7, 'lines');
  }
}

export async function whichever_comes_first_gives_the_reason({ signIn }) {
  const { api } = await signIn();
  const reason = new Error('own');
  const controller = new AbortController();
  const left = api.fetch('/test/slow?ms=3000', { timeout: 1000, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  same(await rejection(left), reason, 'the abort');
  const late = new AbortController();
  const slow = api.fetch('/test/slow?ms=3000', { timeout: 50, signal: late.signal });
  setTimeout(() => late.abort(reason), 500);
  equal((await rejection(slow)).name, 'TimeoutError', 'the timeout');
}

export async function a_timeout_of_one_request_does_not_end_the_flight({ signIn }) {
  const { api, expire, faults, stats } = await signIn();
  await expire();
  await faults({ delay: 400 });
  const impatient = api.fetch('/test/slow?ms=2000', { timeout: 100 });
  const patient = api.fetch('/test/echo');
  equal((await rejection(impatient)).name, 'TimeoutError', 'the impatient one, at its replay');
  equal((await patient).status, 200, 'the patient one');
  equal((await stats()).refreshes, 1, 'refreshes');
}

export async function a_network_error_stays_what_it_is({ signIn, createApi }) {
  const { keys } = await signIn();
  const api = createApi({ ...keys, allowedOrigins: ['http://127.0.0.1:9'] });
  const native = await rejection(fetch('http://127.0.0.1:9/'));
  const error = await rejection(api.fetch('http://127.0.0.1:9/', { timeout: 2000 }), TypeError);
  equal([error.name, error.message], [native.name, native.message], 'the error');
}

export async function a_wrong_timeout_is_a_rejection_that_names_it({ signIn }) {
  const { api } = await signIn();
  for (const timeout of [-1, '100', Number.NaN, Infinity, 2 ** 31, null, {}]) {
    const error = await rejection(api.fetch('/test/echo', { timeout }), TypeError);
    check(error.message.includes('`timeout`'), error.message);
  }
  equal((await api.fetch('/test/echo', { timeout: undefined })).status, 200, 'undefined is none');
}

export async function timers_are_cleared_at_once({ signIn }) {
  const { api, expire } = await signIn({ timeout: 60_000 });
  const running = new Set();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const own = (act, ms, ...more) => {
    const id = set(act, ms, ...more);
    // The long ones are those of the api; the browser's own are short.
    if (ms >= 10_000) running.add(id);
    return id;
  };
  await expire();
  await during(globalThis, 'setTimeout', { value: own }, () => (
    during(globalThis, 'clearTimeout', { value: (id) => { running.delete(id); clear(id); } }, async () => {
      equal((await api.fetch('/test/echo')).status, 200, 'the status');
      equal((await rejection(api.fetch('/test/echo', { signal: AbortSignal.abort('x') }))), 'x', 'the abort');
      equal(running.size, 0, 'timers that are left');
    })
  ));
}
