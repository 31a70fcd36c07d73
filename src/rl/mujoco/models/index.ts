/**
 * @module rl/mujoco/models
 *
 * The models by the names of their published files.
 */
import type { Model } from '../mjcf.js';
import { ant } from './ant.js';
import { halfCheetah } from './half-cheetah.js';
import { hopper } from './hopper.js';
import { humanoid } from './humanoid.js';
import { invertedDoublePendulum, invertedPendulum } from './pendulums.js';
import { pusher } from './pusher.js';
import { reacher } from './reacher.js';
import { swimmer } from './swimmer.js';
import { walker2d } from './walker2d.js';

export const models: Readonly<Record<string, Model>> = {
  ant,
  half_cheetah: halfCheetah,
  hopper,
  humanoid,
  inverted_double_pendulum: invertedDoublePendulum,
  inverted_pendulum: invertedPendulum,
  pusher_v5: pusher,
  reacher,
  swimmer,
  walker2d_v5: walker2d,
};
