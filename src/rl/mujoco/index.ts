/**
 * @module rl/mujoco
 *
 * The ten environments on MuJoCo's physics. Making one loads the optional package @mujoco/mujoco; listing them does not.
 */
import type { Registration } from '../registration.js';
import { box, unbounded } from '../spaces.js';
import type { Creature } from './creature.js';
import type { Model } from './mjcf.js';
import { models } from './models/index.js';
import { Simulation } from './simulation.js';
import { Ant } from './tasks/ant.js';
import { HalfCheetah } from './tasks/half-cheetah.js';
import { Hopper } from './tasks/hopper.js';
import { Humanoid } from './tasks/humanoid.js';
import { InvertedDoublePendulum, InvertedPendulum } from './tasks/pendulums.js';
import { Pusher } from './tasks/pusher.js';
import { Reacher } from './tasks/reacher.js';
import { Swimmer } from './tasks/swimmer.js';
import { Walker2d } from './tasks/walker2d.js';

interface Row {
  readonly kind: new (simulation: Simulation) => Creature;
  readonly model: Model;
  /** Numbers of the observation and the action, and the action's bound. */
  readonly sizes: readonly [observation: number, action: number, bound: number];
  readonly maxSteps: number;
  readonly threshold: number | null;
  readonly summary: string;
  /** About how long a step takes. */
  readonly microseconds: number;
}

function registration({
  kind: Kind,
  model,
  sizes,
  maxSteps,
  threshold,
  summary,
  microseconds,
}: Row): Registration {
  const [observation, action, bound] = sizes;
  const bounds = new Float64Array(action).fill(bound);
  return {
    factory: async () => new Kind(await Simulation.of(model)),
    maxSteps,
    threshold,
    summary,
    family: 'MuJoCo',
    stepMicroseconds: microseconds,
    options: [],
    spaces: () => ({
      observationSpace: unbounded(observation),
      actionSpace: box(
        bounds.map((v) => -v),
        bounds,
      ),
    }),
  };
}

const ROWS: Readonly<Record<string, Row>> = {
  'Hopper-v5': {
    kind: Hopper,
    model: models.hopper,
    sizes: [11, 3, 1],
    maxSteps: 1000,
    threshold: 3800,
    summary: 'hop forward on one leg',
    microseconds: 140,
  },
  'HalfCheetah-v5': {
    kind: HalfCheetah,
    model: models.half_cheetah,
    sizes: [17, 6, 1],
    maxSteps: 1000,
    threshold: 4800,
    summary: 'run forward in the plane',
    microseconds: 60,
  },
  'Walker2d-v5': {
    kind: Walker2d,
    model: models.walker2d_v5,
    sizes: [17, 6, 1],
    maxSteps: 1000,
    threshold: null,
    summary: 'walk forward on two legs in the plane',
    microseconds: 200,
  },
  'Swimmer-v5': {
    kind: Swimmer,
    model: models.swimmer,
    sizes: [8, 2, 1],
    maxSteps: 1000,
    threshold: 360,
    summary: 'swim forward with three links',
    microseconds: 75,
  },
  'Ant-v5': {
    kind: Ant,
    model: models.ant,
    sizes: [105, 8, 1],
    maxSteps: 1000,
    threshold: 6000,
    summary: 'walk on four legs',
    microseconds: 400,
  },
  'Humanoid-v5': {
    kind: Humanoid,
    model: models.humanoid,
    sizes: [348, 17, Math.fround(0.4)],
    maxSteps: 1000,
    threshold: null,
    summary: 'walk on two legs without falling',
    microseconds: 700,
  },
  'Pusher-v5': {
    kind: Pusher,
    model: models.pusher_v5,
    sizes: [23, 7, 2],
    maxSteps: 100,
    threshold: 0,
    summary: 'push a puck to its place with an arm',
    microseconds: 70,
  },
  'Reacher-v5': {
    kind: Reacher,
    model: models.reacher,
    sizes: [10, 2, 1],
    maxSteps: 50,
    threshold: -3.75,
    summary: 'reach a target with a two-link arm',
    microseconds: 35,
  },
  'InvertedPendulum-v5': {
    kind: InvertedPendulum,
    model: models.inverted_pendulum,
    sizes: [4, 1, 3],
    maxSteps: 1000,
    threshold: 950,
    summary: 'balance a pole on a cart',
    microseconds: 35,
  },
  'InvertedDoublePendulum-v5': {
    kind: InvertedDoublePendulum,
    model: models.inverted_double_pendulum,
    sizes: [9, 1, 1],
    maxSteps: 1000,
    threshold: 9100,
    summary: 'balance two poles on a cart',
    microseconds: 80,
  },
};

export const mujoco: Readonly<Record<string, Registration>> = Object.fromEntries(
  Object.entries(ROWS).map(([id, row]) => [id, registration(row)]),
);
