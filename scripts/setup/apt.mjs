// Debian's packages, where this process may install them without asking anybody.

import { ask, Explained, runQuietly } from '../children.mjs';
import { onPath } from '../places.mjs';

/** Tells if `apt-get install` can work here: it needs apt, and root or sudo without a password. */
export function mayUseApt() {
  return Boolean(onPath('apt-get')) && asRoot() !== null;
}

/** Installs packages; tries again with fresh lists, since stale or missing ones are the usual failure. */
export async function aptInstall(packages, usually) {
  const install = () => apt(`apt-get install ${packages.join(' ')}`, usually,
    ['install', '-y', '--no-install-recommends', ...packages]);
  try {
    await install();
  } catch (error) {
    if (!(error instanceof Explained)) throw error;
    await apt('apt-get update', '10 s', ['update']);
    await install();
  }
}

/** Tells if all of these packages are installed. */
export function areInstalled(packages) {
  const states = ask('dpkg-query', ['--show', '--showformat=${db:Status-Status}\n', ...packages]);
  return states !== null && states.split('\n').every((state) => state === 'installed');
}

function apt(what, usually, args) {
  // `env`, because sudo does not hand the environment on; without it a package may ask questions.
  const [command, ...rest] = [...asRoot(), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  return runQuietly(what, usually, command, rest);
}

function asRoot() {
  if (process.getuid?.() === 0) return [];
  return ask('sudo', ['-n', 'true']) === null ? null : ['sudo', '-n'];
}
