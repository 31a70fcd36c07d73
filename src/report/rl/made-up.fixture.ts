/**
 * @module report/rl/made-up.fixture
 *
 * A comparison that nobody ran: normal scores around a level by algorithm and environment, curves that rise to them, one run that
 * diverged and one that is missing.
 */
import { Sequence } from '../../core/random.js';
import type { CompareReport, RunSummary } from './types.js';

const LEVELS: Readonly<
  Record<string, readonly [random: number, top: number, spread: number, steps: number]>
> = {
  'CartPole-v1': [22, 490, 12, 100_000],
  'Pendulum-v1': [-1234, -170, 60, 200_000],
  'Hopper-v5': [18, 2500, 500, 1_000_000],
  'HalfCheetah-v5': [-282, 3500, 800, 1_000_000],
};

const SPEED: Readonly<Record<string, number>> = {
  ppo: 1,
  trpo: 0.95,
  npg: 0.85,
  woodbury: 0.9,
  acktr: 0.8,
  smac: 0.6,
  'a2c-eta': 0.58,
  a2c: 0.5,
};

export function madeUp(seeds = 5, algorithms: readonly string[] = Object.keys(SPEED)): CompareReport {
  const runs = Object.keys(LEVELS).flatMap((environment) =>
    algorithms.flatMap((algorithm) =>
      Array.from({ length: seeds }, (_, seed) => run(environment, algorithm, seed)),
    ),
  );
  return {
    title: 'Eight algorithms on four environments',
    kicker: `made up, ${seeds} seeds`,
    runs,
    shared: [['ppo', 'trpo', 'npg', 'woodbury', 'smac', 'a2c-eta', 'a2c']],
    reference: 'ppo',
    command: 'fim rl compare compare.json',
    facts: [{ name: 'Node', value: 'v20' }],
    footer: 'Made by fim.',
  };
}

function run(environment: string, algorithm: string, seed: number): RunSummary {
  const [random, top, spread, end] = LEVELS[environment];
  const noise = new Sequence(seed, `${environment} ${algorithm}`);
  const final = random + (top - random) * SPEED[algorithm] + spread * noise.normal();
  const steps = Array.from({ length: 80 }, (_, k) => Math.round(((k + 1 + noise.next()) * end) / 81));
  const at = (s: number): number =>
    random +
    (final - random) * (1 - Math.exp((-5 * s * SPEED[algorithm]) / end)) +
    0.2 * spread * noise.normal();
  const done: RunSummary = {
    algorithm,
    environment,
    seed,
    status: 'done',
    steps: end,
    curve: { steps, return: steps.map(at) },
    evaluation: { mean: final, standardError: spread / 10, episodes: 20 },
    return: { mean: final - spread / 5, standardError: spread / 20, episodes: 100 },
    seconds: (end / 20_000) * (1 + noise.next()),
    stepsPerSecond: 15_000 + 1000 * noise.normal(),
    updates: Math.round(end / 2048),
    secondsPerUpdate: 0.004 / SPEED[algorithm],
    medianStep: 0.01 * SPEED[algorithm],
    ...(algorithm === 'a2c' ? {} : { klRatio: 1 + 0.05 * noise.normal() }),
    ...(algorithm === 'smac' || algorithm === 'a2c-eta'
      ? { scoreRatio: { p5: 0.002, p50: 0.03, p95: 0.4 } }
      : {}),
    ...(algorithm === 'smac' ? { diagnostics: { effectiveRank: 12.3, topShare: 0.41 } } : {}),
  };
  if (algorithm === 'acktr' && environment === 'Hopper-v5' && seed === 1)
    return { ...done, status: 'diverged', reason: 'NaN at step 400 000', curve: half(done.curve) };
  if (algorithm === 'npg' && environment === 'HalfCheetah-v5' && seed === 2)
    return { ...done, status: 'missing', evaluation: null, return: null, curve: { steps: [], return: [] } };
  return done;
}

const half = ({ steps, return: values }: RunSummary['curve']): RunSummary['curve'] => ({
  steps: steps.slice(0, 40),
  return: values.slice(0, 40),
});
