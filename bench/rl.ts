/**
 * Environment steps per second of whole trainings, updates and all, on one thread: `npx vite-node bench/rl.ts [rounds]`.
 *
 * Beside Stable-Baselines3's speeds on two such cores with the same presets (measured for the issue that asked: 6.6k A2C CartPole with
 * 8 environments, 3.2k PPO, 3.1k TRPO, 4.3k A2C HalfCheetah with 8), and beside the bars 330k, 25.6k, 25k and 17k times R/95, R being ONNX
 * Runtime's GFLOP/s on 256 × 784 × 128 in the same run. Processor time, so that other work on the machine counts little; trainings take
 * turns. The share of rollouts and of updates says where the time goes.
 */
import { createOrtEngine } from '../src/engine/index.js';
import type { AlgorithmName } from '../src/rl/algorithms/types.js';
import { presetFor } from '../src/rl/presets/index.js';
import type { TrainSettings } from '../src/rl/train/settings.js';
import { Training } from '../src/rl/train/training.js';
import { machine, median, row, rounds } from './tools/measure.js';
import { flops, productName, products, SIZES } from './tools/rate.js';

const ROUNDS = rounds(7);
const WARM_SECONDS = 1;
const TURN_SECONDS = 0.7;

interface Case {
  readonly title: string;
  readonly algorithm: AlgorithmName;
  readonly environment: string;
  readonly changes: Partial<TrainSettings>;
  /** Stable-Baselines3's steps per second. */
  readonly sb3: number;
  /** At R = 95. */
  readonly bar: number;
}

const CASES: readonly Case[] = [
  {
    title: 'A2C CartPole, 8 environments',
    algorithm: 'a2c',
    environment: 'CartPole-v1',
    changes: {},
    sb3: 6600,
    bar: 330_000,
  },
  {
    title: 'PPO CartPole, 8 environments',
    algorithm: 'ppo',
    environment: 'CartPole-v1',
    changes: {},
    sb3: 3200,
    bar: 25_600,
  },
  {
    title: 'TRPO CartPole, 2 environments',
    algorithm: 'trpo',
    environment: 'CartPole-v1',
    changes: {},
    sb3: 3100,
    bar: 25_000,
  },
  {
    title: 'A2C HalfCheetah, 8 environments',
    algorithm: 'a2c',
    environment: 'HalfCheetah-v5',
    changes: { environments: 8, horizon: 5 },
    sb3: 4300,
    bar: 17_000,
  },
];

/** Seconds of this process's processors. */
const now = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Reading the clock takes microseconds: once in so many steps. */
const STEPS_A_LOOK = 2000;

class Runner {
  readonly rates: number[] = [];

  constructor(
    readonly asked: Case,
    private readonly training: Training,
  ) {}

  static async create(asked: Case): Promise<Runner> {
    const { algorithm, environment, changes } = asked;
    const { settings } = presetFor(algorithm, environment);
    const all = { ...settings, ...changes, environment, algorithm, steps: 1e9, seed: 0 };
    return new Runner(asked, await Training.create(all, { workers: 1 }));
  }

  /** Trains for about so many seconds; steps per second. */
  async turn(seconds: number): Promise<number> {
    const { training } = this;
    const [from, began] = [training.steps, now()];
    let took: number;
    do {
      const until = training.steps + STEPS_A_LOOK;
      do await training.update();
      while (training.steps < until);
      took = now() - began;
    } while (took < seconds);
    return (training.steps - from) / took;
  }

  /** Share of time that is not in the algorithm's update, over so many seconds. */
  async rolloutShare(seconds: number): Promise<number> {
    const { algorithm } = this.training;
    const update = algorithm.update.bind(algorithm);
    let updates = 0;
    algorithm.update = async (segment, moment) => {
      const from = now();
      const metrics = await update(segment, moment);
      updates += now() - from;
      return metrics;
    };
    const began = now();
    await this.turn(seconds);
    const share = 1 - updates / (now() - began);
    algorithm.update = update;
    return share;
  }

  close(): void {
    this.training.close();
  }
}

const ort = await createOrtEngine({ threads: 1 });
const product = (await products(ort))[productName(SIZES[0])];
const runners: Runner[] = [];
for (const asked of CASES) runners.push(await Runner.create(asked));
for (const r of runners) await r.turn(WARM_SECONDS);
const products256: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (let i = 0; i < 30; i++) {
    const from = now();
    for (let j = 0; j < 10; j++) await product();
    products256.push((now() - from) / 10);
  }
  for (const r of runners) r.rates.push(await r.turn(TURN_SECONDS));
}
const R = flops(SIZES[0]) / median(products256) / 1e9;
console.log(`${machine()}; medians of ${ROUNDS}, processor time`);
console.log(`R = ${R.toFixed(1)} GFLOP/s (${productName(SIZES[0])}, ONNX Runtime, one thread)\n`);
console.log(row(['steps/s', 'median', 'best', 'SB3', '× SB3', 'bar', '/bar', 'rollouts'], 34, 10));
for (const runner of runners) {
  const { asked, rates } = runner;
  const m = median(rates);
  const bar = (asked.bar * R) / 95;
  console.log(
    row(
      [
        asked.title,
        Math.round(m),
        Math.round(Math.max(...rates)),
        asked.sb3,
        (m / asked.sb3).toFixed(1),
        Math.round(bar),
        (m / bar).toFixed(2),
        `${(100 * (await runner.rolloutShare(TURN_SECONDS))).toFixed(0)} %`,
      ],
      34,
      10,
    ),
  );
}
for (const r of runners) r.close();
ort.dispose();
