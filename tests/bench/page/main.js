// Everything that is measured in one page load.

import * as memory from './memory.js'; // first: it has to see the instance being made
import { calls, checkDuties } from './calls.js';
import { storm } from './storm.js';

globalThis.bench = { calls, checkDuties, memory, storm };
