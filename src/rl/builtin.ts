/**
 * @module rl/builtin
 *
 * The environments of fim: name, time limit, threshold (Gymnasium 1.3's), dynamics. One line each; a new one is one file and a line.
 */
import { classic } from './classic/index.js';
import type { Registration } from './registration.js';

export const builtin: Readonly<Record<string, Registration>> = { ...classic };
