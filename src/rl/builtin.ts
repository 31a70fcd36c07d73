/**
 * @module rl/builtin
 *
 * The environments of fim: name, time limit, threshold (Gymnasium 1.3's), dynamics. One line each; a new one is one file and a line.
 */
import { classic } from './classic/index.js';
import { linear } from './linear/index.js';
import { mujoco } from './mujoco/index.js';
import type { Registration } from './registration.js';
import { tabular } from './tabular/index.js';

export const builtin: Readonly<Record<string, Registration>> = {
  ...classic,
  ...tabular,
  ...linear,
  ...mujoco,
};
