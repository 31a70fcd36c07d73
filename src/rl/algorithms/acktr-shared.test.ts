/** ACKTR with one trunk: gradient, factors and trust region of the joint distribution, each made again by other means. */
import { describe, expect, it } from 'vitest';
import { relativeError, solveDense } from '../../../test/optim/problem.js';
import type { FloatArray } from '../../core/tensor.js';
import { getLikelihood, outputs, productOf, someOutputs } from '../../likelihood/index.js';
import type { ColumnKind } from '../../optim/column-pass.js';
import { kfac } from '../../optim/kfac.js';
import { Linearisation } from '../../matrix/linearisation.js';
import { divergenceOf } from '../policies/divergence.js';
import { jointHeads } from '../policies/joint-heads.js';
import { presetFor } from '../presets/index.js';
import { Training } from '../train/training.js';
import { createAlgorithm } from './create.js';
import { type Bench, bench, FIRST } from './segment.fixture.js';
import type { OptionValues } from './types.js';

const KINDS = ['discrete', 'box'] as const;
const FREE = { learningRate: 1e9, normaliseAdvantages: false } as const;

const shared = (kind: 'discrete' | 'box', T = 20): Promise<Bench> => bench(kind, { T, value: 'shared' });

/** The joint network on the first n rows of a bench, with scores s_nk √w of both families from the two networks apart. */
async function jointly(made: Bench, n: number, variance: number) {
  const { model, context, segment } = made;
  const { engine, store, seed } = context;
  const value = model.value!;
  const network = jointHeads(model.policy, value);
  const linear = await Linearisation.compile(engine, network, store, n);
  const inputs = new Map([['x', segment.features.slice(0, 3 * n)]]);
  const h = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
  const offsets = new Map(linear.blocks.map(({ name, offset }) => [name, offset]));
  const scores: Float64Array[] = [];
  const policy = someOutputs(h, 0, linear.T - 1);
  const K = model.likelihood.weightedColumns(policy.T);
  const columns = new Float64Array(n * K * policy.T);
  const weights = new Float64Array(n * K);
  model.likelihood.columns(policy, columns, weights, { from: 0, count: K });
  for (const { own, width, of } of [
    {
      own: model.policy,
      width: K,
      of: (e: number, k: number, a: number) =>
        columns[(e * K + k) * policy.T + a] * Math.sqrt(weights[e * K + k]),
    },
    { own: value, width: 1, of: () => 1 / Math.sqrt(variance) },
  ]) {
    const alone = await Linearisation.compile(engine, own, store, n);
    await alone.forward(inputs, n);
    for (let e = 0; e < n; e++)
      for (let k = 0; k < width; k++) {
        const u = new Float64Array(n * alone.T);
        for (let a = 0; a < alone.T; a++) u[e * alone.T + a] = of(e, k, a);
        const s = await alone.transposed(u, n);
        const wide = new Float64Array(linear.P);
        for (const { name, offset, size } of alone.blocks)
          wide.set(s.subarray(offset, offset + size), offsets.get(name));
        scores.push(wide);
      }
  }
  const likelihood = productOf(model.likelihood, policy.T, getLikelihood('gaussian', { variance }));
  const context_ = { engine, store, network, likelihood, maxBatch: n, linear, seed };
  const residuals = new Float64Array(n * linear.T);
  const batch = { inputs, n, h, residuals, advantages: null, trajectories: null, step: 0 };
  return { context: context_, linear, batch, scores, offsets };
}

/** (1/n) Σ of products of the places, [places, places]. */
function gram(scores: readonly Float64Array[], places: readonly number[], n: number): Float64Array {
  const F = new Float64Array(places.length ** 2);
  for (const s of scores)
    places.forEach((p, i) => places.forEach((q, j) => (F[i * places.length + j] += (s[p] * s[q]) / n)));
  return F;
}

const trace = (m: Float64Array, n: number): number =>
  Array.from({ length: n }, (_, i) => m[i * (n + 1)]).reduce((a, b) => a + b, 0);

/** Places of a trunk of 4 units on 3 inputs, out-major with the bias last; and of the bias alone. */
function trunkPlaces(offsets: ReadonlyMap<string, number>) {
  const [weight, bias] = ['trunk/fc1.weight', 'trunk/fc1.bias'].map((name) => offsets.get(name) as number);
  const all = [0, 1, 2, 3].flatMap((o) => [0, 1, 2].map((i) => weight + 3 * o + i).concat(bias + o));
  return { all, biases: [0, 1, 2, 3].map((o) => bias + o) };
}

describe.each(KINDS)('factors of the joint distribution, %s actions', (kind) => {
  const variance = 0.3;

  it('G of the trunk is the policy’s part plus the value’s, A that of its inputs', async () => {
    const n = 10;
    const made = await shared(kind);
    const { context, batch, linear, scores, offsets } = await jointly(made, n, variance);
    const damping = 0.05;
    const inverse = await kfac({ damping, decay: 0 })(context);
    const g = linear.parameters();
    const { direction, report } = await inverse.direction(batch, g);
    const state = inverse.save();
    const { all, biases } = trunkPlaces(offsets);
    const G = gram(scores, biases, n);
    expect(relativeError(state['mean/G/trunk/fc1.weight'], G)).toBeLessThanOrEqual(1e-12);
    const x = batch.inputs.get('x') as FloatArray;
    const rows = Array.from({ length: n }, (_, e) => Float64Array.of(...x.slice(3 * e, 3 * e + 3), 1));
    const A = gram(rows, [0, 1, 2, 3], n);
    expect(relativeError(state['mean/A/trunk/fc1.weight'], A)).toBeLessThanOrEqual(1e-12);
    expect(state['mean/G/value/out.weight'][0] * variance).toBeCloseTo(1, 12);
    // (G + √λ/π) ⊗ (A + π√λ), densely.
    const pi = Math.sqrt(trace(A, 4) / trace(G, 4));
    const damped = new Float64Array(256);
    for (let o = 0; o < 4; o++)
      for (let i = 0; i < 4; i++)
        for (let p = 0; p < 4; p++)
          for (let j = 0; j < 4; j++)
            damped[(o * 4 + i) * 16 + p * 4 + j] =
              (G[o * 4 + p] + (o === p ? Math.sqrt(damping) / pi : 0)) *
              (A[i * 4 + j] + (i === j ? Math.sqrt(damping) * pi : 0));
    const expected = solveDense(
      damped,
      Float64Array.from(all, (p) => g[p]),
    );
    expect(
      relativeError(
        all.map((p) => direction[p]),
        expected,
      ),
    ).toBeLessThanOrEqual(1e-11);
    expect(report.damping).toBe(damping);
  });

  it('in one state they are the block of the Fisher itself', async () => {
    const made = await shared(kind);
    const { context, batch, linear, scores, offsets } = await jointly(made, 1, variance);
    const inverse = await kfac({ decay: 0 })(context);
    await inverse.direction(batch, linear.parameters());
    const state = inverse.save();
    const [A, G] = ['A', 'G'].map((f) => state[`mean/${f}/trunk/fc1.weight`]);
    const product = Float64Array.from({ length: 256 }, (_, at) => {
      const [r, c] = [Math.floor(at / 16), at % 16];
      return G[Math.floor(r / 4) * 4 + Math.floor(c / 4)] * A[(r % 4) * 4 + (c % 4)];
    });
    expect(relativeError(product, gram(scores, trunkPlaces(offsets).all, 1))).toBeLessThanOrEqual(1e-12);
  });
});

/** KL of the policy and mean (ΔV)² of one update, and its metrics. */
async function moved(kind: 'discrete' | 'box', options: OptionValues) {
  const made = await shared(kind);
  const algorithm = await createAlgorithm('acktr', made.context, { ...FREE, ...options });
  const before = { h: await made.policyOutputs(), V: await made.values(), theta: made.parameters() };
  const metrics = await algorithm.update(made.segment, FIRST);
  const h = await made.policyOutputs();
  const each = new Float64Array(h.n);
  divergenceOf(made.model.likelihood).kl(before.h, h, each);
  const V = await made.values();
  const squares = V.map((v, i) => (v - before.V[i]) ** 2);
  const mean = (v: Float64Array): number => v.reduce((a, b) => a + b, 0) / v.length;
  const theta = made.parameters().map((v, i) => v - before.theta[i]);
  return { kl: mean(each), square: mean(squares), metrics, theta };
}

describe.each(KINDS)('a step, %s actions', (kind) => {
  it.each(['exact', 'sampled', 'taken'] as const)(
    'goes up the gradient of surrogate, entropy and value error; columns %s',
    async (columns: ColumnKind) => {
      // Damping so large that the inverse is 1/λ.
      const damping = 1e16;
      for (const entropyPreconditioned of [true, false]) {
        const [c_H, c_V] = [entropyPreconditioned ? 0.3 : 0, 0.7];
        const made = await shared(kind, 6);
        const { segment, model } = made;
        const options = { ...FREE, columns, damping, entropyCoefficient: c_H, valueCoefficient: c_V };
        const n = segment.T * segment.n;
        let s2 = 0;
        const objective = async (): Promise<number> => {
          const h = await made.policyOutputs();
          const [log, entropy] = [new Float64Array(n), new Float64Array(n)];
          model.likelihood.logProbability(h, segment.actions, log);
          divergenceOf(model.likelihood).entropy(h, entropy);
          const V = await made.values();
          let [sum, squares] = [0, 0];
          for (let e = 0; e < n; e++) {
            sum += (segment.advantages[e] * log[e] + c_H * entropy[e]) / n;
            squares += (V[e] - segment.returns[e]) ** 2 / n;
          }
          s2 ||= squares;
          return sum - (0.5 * c_V * squares) / s2;
        };
        await objective();
        const theta = made.parameters();
        const step = 1e-5;
        const gradient = new Float64Array(theta.length);
        for (let p = 0; p < theta.length; p++) {
          for (const sign of [1, -1]) {
            made.setParameters(theta.map((v, i) => (i === p ? v + sign * step : v)));
            gradient[p] += (sign * (await objective())) / (2 * step);
          }
        }
        made.setParameters(theta);
        const rate = 1e12;
        const algorithm = await createAlgorithm('acktr', made.context, {
          ...options,
          entropyPreconditioned,
          learningRate: rate,
        });
        const metrics = await algorithm.update(segment, FIRST);
        expect(metrics.learning_rate).toBe(rate);
        expect(Math.abs(metrics.value_loss / s2 - 1)).toBeLessThanOrEqual(1e-12);
        const taken = made.parameters().map((v, i) => ((v - theta[i]) * damping) / rate);
        expect(relativeError(taken, gradient)).toBeLessThanOrEqual(1e-7);
      }
    },
  );

  it('the entropy’s gradient behind the inverse is added as it is', async () => {
    const tiny = { learningRate: 1e-6, columns: 'exact', entropyPreconditioned: false, targetKl: 1 };
    const [without, once, twice] = await Promise.all(
      [0, 0.2, 0.4].map((entropyCoefficient) => moved(kind, { ...tiny, entropyCoefficient })),
    );
    const part = (of: typeof once): Float64Array => of.theta.map((v, i) => (v - without.theta[i]) / 1e-6);
    const doubled = part(once).map((v) => 2 * v);
    expect(relativeError(part(twice), doubled)).toBeLessThanOrEqual(1e-7);
    // That of unit damping through no inverse: a step of plain ascent on the entropy alone.
    const made = await shared(kind);
    const h = await made.policyOutputs();
    const slopes = new Float64Array(h.n * h.T);
    divergenceOf(made.model.likelihood).entropy(h, new Float64Array(h.n), slopes);
    const plain = await made.linear.transposed(
      slopes.map((v) => (0.2 * v) / h.n),
      h.n,
    );
    expect(relativeError(part(once).subarray(0, plain.length), plain)).toBeLessThanOrEqual(1e-7);
  });

  it.each(['error', 'unit'] as const)(
    'goes to the edge of the trust region of both together, to second order; variance: %s',
    async (valueVariance) => {
      // What is left out is of order √ε relative to ε.
      for (const [epsilon, limit] of [
        [1e-6, 0.02],
        [1e-8, 0.002],
      ]) {
        const bounds = { targetKl: epsilon, criticTargetKl: 4 * epsilon };
        const { kl, square, metrics } = await moved(kind, { ...bounds, valueVariance });
        const s2 = valueVariance === 'unit' ? 1 : metrics.value_loss;
        const used = kl / epsilon + (0.5 * square) / (s2 * 4 * epsilon);
        expect(Math.abs(used - 1)).toBeLessThan(limit);
        expect(Math.abs(metrics.kl_ratio - 1)).toBeLessThan(limit);
        expect(Math.abs(metrics.kl / kl - 1)).toBeLessThan(1e-6);
        expect(metrics.kl_asked).toBeLessThan(epsilon);
      }
    },
  );

  it('never goes farther than the learning rate, and asks for what is then left', async () => {
    const free = await moved(kind, {});
    const short = await moved(kind, { learningRate: free.metrics.learning_rate / 10 });
    expect(Math.abs(short.metrics.kl_asked / (free.metrics.kl_asked / 100) - 1)).toBeLessThan(1e-12);
    const tenth = free.theta.map((v) => v / 10);
    expect(relativeError(short.theta, tenth)).toBeLessThanOrEqual(1e-9);
    const damped = await moved(kind, { klScale: 'damped' });
    expect(damped.metrics.learning_rate).toBeLessThan(free.metrics.learning_rate);
  });

  it('momentum: u ← μu + αd, a step of (1 − μ)u', async () => {
    const tiny = { ...FREE, learningRate: 1e-9, decay: 0, columns: 'exact' } as const;
    const plain = (await moved(kind, tiny)).theta;
    const made = await shared(kind);
    const algorithm = await createAlgorithm('acktr', made.context, { ...tiny, momentum: 0.75 });
    for (let update = 0; update < 3; update++) {
      const before = made.parameters();
      const metrics = await algorithm.update(made.segment, { ...FIRST, update });
      const share = 1 - 0.75 ** (update + 1);
      const step = made.parameters().map((v, i) => v - before[i]);
      const expected = plain.map((v) => share * v);
      expect(relativeError(step, expected)).toBeLessThanOrEqual(1e-6);
      expect(metrics).not.toHaveProperty('kl_ratio');
    }
  });
});

describe('a variance that is the values’ error', () => {
  it('leaves the policy its share of the step where returns are large; one of 1 does not', async () => {
    // α, and with it the whole step of the policy's head, whose direction no return is part of.
    const length = async (valueVariance: string, scale: number): Promise<number> => {
      const made = await shared('discrete');
      const segment = { ...made.segment, returns: made.segment.returns.map((v) => scale * v) };
      const algorithm = await createAlgorithm('acktr', made.context, { ...FREE, valueVariance });
      return (await algorithm.update(segment, FIRST)).learning_rate;
    };
    const [error, unit] = await Promise.all(
      ['error', 'unit'].map(async (of) => (await length(of, 1e4)) / (await length(of, 1e3))),
    );
    expect(error).toBeGreaterThan(0.9);
    expect(Math.abs(10 * unit - 1)).toBeLessThan(0.1);
  });
});

describe('its state', () => {
  it.each([0, 0.9])('goes on bit for bit, momentum %d', async (momentum) => {
    const options = { momentum, interval: 2 };
    const run = async (made: Bench, updates: number) => {
      const algorithm = await createAlgorithm('acktr', made.context, options);
      for (let update = 0; update < updates; update++)
        await algorithm.update(made.segment, { update, progress: 0 });
      return algorithm;
    };
    const [whole, half, resumed] = [await shared('box'), await shared('box'), await shared('box')];
    const last = await run(whole, 3);
    const state = structuredClone((await run(half, 2)).save());
    const algorithm = await run(resumed, 0);
    resumed.setParameters(half.parameters());
    algorithm.load(state);
    await algorithm.update(resumed.segment, { update: 2, progress: 0 });
    expect(resumed.parameters()).toEqual(whole.parameters());
    expect(algorithm.save()).toEqual(last.save());
  });

  it('is that of before where an update is refused, and where it is only looked at', async () => {
    const made = await shared('box');
    const algorithm = await createAlgorithm('acktr', made.context, { momentum: 0.5 });
    await algorithm.update(made.segment, FIRST);
    const now = () => structuredClone({ theta: made.parameters(), own: algorithm.save() });
    const before = now();
    for (const field of ['advantages', 'returns'] as const)
      for (const bad of [NaN, 1e200]) {
        const values = made.segment[field].map((v, i) => (i === 3 ? bad : v));
        const spoilt = { ...made.segment, [field]: values };
        const raw = await createAlgorithm('acktr', made.context, {
          momentum: 0.5,
          normaliseAdvantages: false,
        });
        raw.load(before.own);
        await expect(raw.update(spoilt, { update: 1, progress: 0 })).rejects.toMatchObject({
          code: 'likelihood/not-finite',
        });
        expect({ theta: made.parameters(), own: raw.save() }).toEqual(before);
      }
    const u = new Float64Array(made.linear.P);
    u[2] = 1;
    const share = await algorithm.removes!(u, made.segment, { update: 1, progress: 0 });
    expect(now()).toEqual(before);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });
});

it('fits the values, on one segment', async () => {
  const made = await shared('discrete');
  const algorithm = await createAlgorithm('acktr', made.context, {
    ...FREE,
    targetKl: 0.01,
    criticTargetKl: 0.01,
  });
  const losses: number[] = [];
  for (let update = 0; update < 30; update++)
    losses.push((await algorithm.update(made.segment, { update, progress: 0 })).value_loss);
  expect(losses[29]).toBeLessThan(0.8 * losses[0]);
});

it('CartPole: the divergence is about what was asked', async () => {
  const { settings } = presetFor('acktr', 'CartPole-v1');
  const t = await Training.create(
    {
      ...settings,
      environment: 'CartPole-v1',
      algorithm: 'acktr',
      value: 'shared',
      environments: 8,
      hidden: [16],
      steps: 1e6,
      seed: 4,
      options: { ...settings.options, ...FREE, schedule: 'constant' },
    },
    { workers: 1 },
  );
  const ratios: number[] = [];
  for (let k = 0; k < 15; k++) {
    const metrics = await t.update(true);
    ratios.push(metrics.kl / metrics.kl_asked);
    expect(metrics.kl_asked).toBeLessThan(1e-3);
  }
  t.close();
  ratios.sort((a, b) => a - b);
  expect(ratios[7]).toBeGreaterThan(0.8);
  expect(ratios[7]).toBeLessThan(1.2);
});
