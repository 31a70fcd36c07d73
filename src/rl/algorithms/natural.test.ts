/** Natural steps against dense inverses in float64; TRPO's search; who needs a value network of its own. */
import { describe, expect, it } from 'vitest';
import { dampedOuter, relativeError, solveDense } from '../../../test/optim/problem.js';
import { dot } from '../../matrix/vectors.js';
import { divergenceOf } from '../policies/divergence.js';
import { presetFor } from '../presets/index.js';
import { createAlgorithm } from './create.js';
import { type Bench, bench, FIRST, weighted } from './segment.fixture.js';
import { smac, type SmacOptions } from './smac.js';
import { trpo, type TrpoOptions } from './trpo.js';
import { a2c, type A2cOptions } from './a2c.js';

const CRITIC = {
  criticLearningRate: 1e-3,
  criticEpochs: 2,
  criticMinibatch: 5,
  criticOptimiser: 'adam',
} as const;

const SMAC: SmacOptions = {
  ...CRITIC,
  step: 'fixed',
  learningRate: 0.02,
  schedule: 'constant',
  targetKl: 0.01,
  klScale: 'exact',
  entropyCoefficient: 0,
  entropyPreconditioned: true,
  normaliseAdvantages: false,
  damping: 0.3,
  sample: 'batch',
  scope: 'network',
};

/** Movement of the policy in an update. */
async function moved(made: Bench, update: () => Promise<unknown>): Promise<Float64Array> {
  const before = made.linear.parameters();
  await update();
  const after = made.linear.parameters();
  return after.map((v, i) => v - before[i]);
}

/** ∇ of the mean entropy by central differences. */
async function entropyGradient(made: Bench): Promise<Float64Array> {
  const { linear } = made;
  const theta = linear.parameters();
  const { entropy } = divergenceOf(made.model.likelihood);
  const at = async (p: number, d: number): Promise<number> => {
    linear.setParameters(theta.map((v, i) => (i === p ? v + d : v)));
    const h = await made.policyOutputs();
    const H = new Float64Array(h.n);
    entropy(h, H);
    return H.reduce((a, b) => a + b, 0) / h.n;
  };
  const found = new Float64Array(theta.length);
  for (let p = 0; p < theta.length; p++) found[p] = ((await at(p, 1e-5)) - (await at(p, -1e-5))) / 2e-5;
  linear.setParameters(theta);
  return found;
}

const meanWeights = ({ segment }: Bench): Float64Array =>
  segment.advantages.map((v) => v / segment.advantages.length);

describe.each(['discrete', 'box'] as const)('SMAC, %s actions', (kind) => {
  it.each([true, false])(
    'θ + η (λI + qqᵀ)⁻¹ g, the entropy’s gradient through the inverse: %s',
    async (entropyPreconditioned) => {
      const made = await bench(kind);
      const options = { ...SMAC, entropyCoefficient: 0.1, entropyPreconditioned };
      const scores = await made.scores();
      const entropy = (await entropyGradient(made)).map((v) => 0.1 * v);
      const g = weighted(scores, meanWeights(made));
      const algorithm = await smac(made.context, options);
      let metrics: Record<string, number> = {};
      const step = await moved(made, async () => (metrics = await algorithm.update(made.segment, FIRST)));
      const q = scores.find((s) => Math.abs(dot(s, s) / metrics.scoreNorm2 - 1) < 1e-10) as Float64Array;
      const A = dampedOuter([q], 1, options.damping);
      const d = entropyPreconditioned
        ? solveDense(
            A,
            g.map((v, i) => v + entropy[i]),
          )
        : solveDense(A, g).map((v, i) => v + entropy[i]);
      const expected = d.map((v) => options.learningRate * v);
      expect(relativeError(step, expected)).toBeLessThanOrEqual(1e-8);
      expect(metrics.score_ratio).toBe(metrics.scoreNorm2 / options.damping);
      expect(Math.abs(metrics.step_norm / Math.sqrt(dot(step, step)) - 1)).toBeLessThanOrEqual(1e-12);
    },
  );

  it('is plain A2C at η/λ as |q|²/λ → 0, apart by cos(q, g) ρ/(1 + ρ), ρ = |q|²/λ; the critics are one', async () => {
    const rate = 0.05;
    const control: A2cOptions = {
      ...SMAC,
      critic: 'separate',
      learningRate: rate,
      optimiser: 'sgd',
      valueCoefficient: 1,
      maxGradNorm: 0,
    };
    const plain = await bench(kind);
    const scores = await plain.scores();
    const g = weighted(scores, meanWeights(plain));
    const algorithm = await a2c(plain.context, control);
    const step = await moved(plain, () => algorithm.update(plain.segment, FIRST));
    expect(
      relativeError(
        step,
        g.map((v) => rate * v),
      ),
    ).toBeLessThanOrEqual(1e-12);
    const errors: number[] = [];
    for (const damping of [1e3, 1e4, 1e5]) {
      const made = await bench(kind);
      const rank1 = await smac(made.context, { ...SMAC, damping, learningRate: rate * damping });
      let metrics: Record<string, number> = {};
      const other = await moved(made, async () => (metrics = await rank1.update(made.segment, FIRST)));
      const q = scores.find((s) => Math.abs(dot(s, s) / metrics.scoreNorm2 - 1) < 1e-10) as Float64Array;
      const ratio = metrics.score_ratio;
      const cosine = Math.abs(dot(q, g)) / Math.sqrt(dot(q, q) * dot(g, g));
      const error = relativeError(other, step);
      expect(Math.abs(error / ((cosine * ratio) / (1 + ratio)) - 1)).toBeLessThanOrEqual(1e-6);
      errors.push(error);
      expect(await made.values()).toEqual(await plain.values());
    }
    expect(Math.abs(errors[0] / errors[1] - 10)).toBeLessThan(0.2);
    expect(Math.abs(errors[1] / errors[2] - 10)).toBeLessThan(0.02);
  });
});

const TRPO: TrpoOptions = {
  ...SMAC,
  step: 'kl',
  fisher: 'true',
  damping: 0.1,
  cgIterations: 10,
  cgTolerance: 1e-10,
  backtrack: 0.8,
  maxBacktracks: 10,
};

/** Mean KL from the segment's policy, and mean (r − 1)Â, at the present parameters. */
async function outcome(made: Bench): Promise<{ kl: number; gain: number }> {
  const { segment, model } = made;
  const h = await made.policyOutputs();
  const each = new Float64Array(h.n);
  divergenceOf(model.likelihood).kl({ ...h, data: segment.h }, h, each);
  const log = new Float64Array(h.n);
  model.likelihood.logProbability(h, segment.actions, log);
  const gain = log.map((v, i) => (Math.exp(v - segment.logProbabilities[i]) - 1) * segment.advantages[i]);
  return {
    kl: each.reduce((a, b) => a + b, 0) / h.n,
    gain: gain.reduce((a, b) => a + b, 0) / h.n,
  };
}

describe.each(['discrete', 'box'] as const)('TRPO, %s actions', (kind) => {
  it.each([1e-4, 1e-3, 1e-2])('takes a step that improves, within its target %d', async (targetKl) => {
    const made = await bench(kind, { T: 20 });
    const algorithm = await trpo(made.context, { ...TRPO, targetKl });
    const metrics = await algorithm.update(made.segment, FIRST);
    const { kl, gain } = await outcome(made);
    expect(Math.abs(kl - metrics.kl)).toBeLessThanOrEqual(1e-15);
    expect(kl).toBeLessThanOrEqual(targetKl);
    // The whole step is ε to second order; at most one or two backtracks are needed.
    expect(kl).toBeGreaterThan(0.3 * targetKl);
    expect(metrics.backtracks).toBeLessThanOrEqual(2);
    expect(gain).toBeGreaterThan(0);
  });

  it('counts its backtracks: β^k of the whole step, k the first within the target', async () => {
    const targetKl = 1e-5;
    const made = await bench(kind, { T: 20 });
    // KL of θ + β^k αd is β^2k ε: below 0.3 ε first at k = 3.
    const algorithm = await trpo(made.context, { ...TRPO, targetKl, acceptKl: 0.3 });
    let metrics: Record<string, number> = {};
    const step = await moved(made, async () => (metrics = await algorithm.update(made.segment, FIRST)));
    expect(metrics.backtracks).toBe(3);
    expect(Math.abs(metrics.kl_ratio - 1)).toBeLessThan(0.02);
    expect(Math.abs(metrics.kl / (0.8 ** 6 * targetKl) - 1)).toBeLessThan(0.02);
    const whole = await bench(kind, { T: 20 });
    const other = await trpo(whole.context, { ...TRPO, targetKl, acceptKl: 2 });
    const full = await moved(whole, () => other.update(whole.segment, FIRST));
    expect(
      relativeError(
        step,
        full.map((v) => 0.8 ** 3 * v),
      ),
    ).toBeLessThanOrEqual(1e-9);
    expect(Math.abs(metrics.step_norm / Math.sqrt(dot(step, step)) - 1)).toBeLessThanOrEqual(1e-9);
  });

  it('finds none: the policy stays bit for bit, the critic goes on', async () => {
    const made = await bench(kind);
    const algorithm = await trpo(made.context, { ...TRPO, acceptKl: 1e-9, maxBacktracks: 2 });
    const before = made.linear.parameters();
    const values = await made.values();
    const metrics = await algorithm.update(made.segment, FIRST);
    expect(made.linear.parameters()).toEqual(before);
    expect(await made.values()).not.toEqual(values);
    expect(metrics).toMatchObject({ backtracks: 3, kl: 0, step_norm: 0 });
  });
});

const NATURAL = ['npg', 'trpo', 'smac', 'woodbury', 'diagonal', 'acktr'] as const;

describe('a value network that is not one of its own', () => {
  it.each([...NATURAL, 'a2c'] as const)('is refused by %s', async (name) => {
    const { options } = presetFor(name, 'CartPole-v1').settings;
    const asked = name === 'a2c' ? { ...options, critic: 'separate' } : options;
    // ACKTR has a form for a shared trunk (acktrShared.test.ts).
    for (const value of name === 'acktr' ? (['none'] as const) : (['shared', 'none'] as const)) {
      const { context } = await bench('discrete', { value });
      await expect(createAlgorithm(name, context, asked)).rejects.toMatchObject({ code: 'rl/shared-value' });
    }
  });
});
