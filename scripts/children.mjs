// Child processes: asked, waited for, or kept running. All of them end when this process ends.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache, root } from './places.mjs';

/** A failure that the message explains in full: shown without a stack. */
export class Explained extends Error {}

const running = new Set();
let stopping = false;

/** Returns the trimmed output of a command; null if the command is missing or fails. */
export function ask(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...options,
  });
  return status === 0 ? stdout.trim() : null;
}

/**
 * Starts a command, without standard input. As a rule it heads a process group of its own: cargo, wasm-pack
 * and browsers start further processes, and only a group reaches those too. What starts none, such as a
 * server, stays in the group of this process (`alone`), where even a SIGKILL to that group ends it.
 */
export function start(command, args, { cwd = root, env = process.env, output = 'inherit', alone = false } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output], detached: !alone });
  child.alone = alone;
  running.add(child);
  if (!alone) child.once('exit', () => end(child, 'SIGKILL')); // whatever of its group outlived it
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(new Explained(`${command} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      // While stopping, nobody may go on to the next step.
      if (!stopping) resolve(code ?? 128 + constants.signals[signal]);
    });
  });
  return { child, ended };
}

/** Sends `signal` to a child and to all that it has started. */
export function end(child, signal = 'SIGTERM') {
  try {
    process.kill(child.alone ? child.pid : -child.pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Runs a command with its output in sight; rejects when it fails. */
export async function run(command, args, options) {
  const code = await start(command, args, options).ended;
  if (code !== 0) throw new Explained(`${command} ${args.join(' ')} failed (exit code ${code})`);
}

/** Runs a command with its output in sight, unless it is to be `silent`, and hands that back with the exit code. */
export async function runAndRead(command, args, { silent = false, ...options } = {}) {
  const { child, ended } = start(command, args, { ...options, output: 'pipe' });
  let text = '';
  for (const [source, sink] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
    source.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (!silent) sink.write(chunk);
    });
  }
  return { code: await ended, text };
}

/**
 * Runs a long command behind one line that says what happens, how long it usually takes and how long it has
 * taken so far. Its own output goes to a log, which is shown in part when the command fails.
 */
export async function runQuietly(what, usually, command, args, options) {
  const log = join(cache, 'logs', `${what.toLowerCase().replace(/[^a-z0-9.]+/g, '-')}.log`);
  mkdirSync(join(cache, 'logs'), { recursive: true });
  const output = openSync(log, 'w');
  const line = showProgress(`    ${what} (usually ${usually})`);
  try {
    const code = await start(command, args, { ...options, output }).ended;
    line.end(code === 0 ? 'done' : 'failed');
    if (code === 0) return;
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15);
    throw new Explained([`${what}: failed with exit code ${code}.`, ...last, `All of it: ${log}`].join('\n'));
  } finally {
    line.end('failed');
    closeSync(output);
  }
}

/** One line that counts seconds: rewritten on a terminal, a sign of life every 30 s in a log. */
function showProgress(label) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  const terminal = process.stdout.isTTY;
  process.stdout.write(terminal ? label : `${label}\n`);
  const timer = setInterval(() => {
    process.stdout.write(terminal ? `\r${label} … ${seconds()}` : `      … ${seconds()}\n`);
  }, terminal ? 1000 : 30000);
  return {
    end(result) {
      if (!timer.hasRef()) return;
      clearInterval(timer.unref());
      process.stdout.write(terminal ? `\r${label}: ${result} in ${seconds()}\n` : `      ${result} in ${seconds()}\n`);
    },
  };
}

/** Runs `main` when the module at `url` is the script that node was started with, not when it is imported. */
export async function asScript(url, main) {
  if (realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    console.error(error instanceof Explained ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Asked to stop: end the children, give them time to end well, and leave. */
function stop(signal) {
  stopping = true;
  const children = [...running];
  const leave = () => {
    // A server that ended well on request is a success; a build that was cut off is not.
    const well = children.length > 0 && children.every((child) => child.exitCode === 0);
    process.exit(well ? 0 : 128 + constants.signals[signal]);
  };
  if (children.length === 0) leave();
  for (const child of children) {
    end(child);
    child.once('close', () => running.size === 0 && leave());
  }
  setTimeout(() => {
    for (const child of children) end(child, 'SIGKILL');
    leave();
  }, 5000);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping || stop(signal));

// An npm that was killed hands no signal on; then the parent of this process is another one.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stopping || stop('SIGTERM'), 1000).unref();
}
