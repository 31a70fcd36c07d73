import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { Moments, seedOf, zScore } from '../../stats/index.js';
import { make } from '../registry.js';
import { optimalReturn, softmaxPolicy, solveTabular } from './exact.js';
import { type Tabular, TransitionModel } from './model.js';
import { Factored } from './solve.js';

interface Golden {
  reset_state: number[];
  steps: { a: number; o: number[]; r: number; te: boolean; tt: boolean; s: number[] }[];
}
const file = new URL('../../../test/fixtures/rl/gymnasium-classic.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>;

async function modelOf(id: string, options = {}): Promise<TransitionModel> {
  return ((await make(id, options)).dynamics as Tabular).model;
}

describe.each(['CliffWalking-v1', 'Taxi-v4'])('%s against Gymnasium 1.3', (id) => {
  it('follows the recorded episode exactly', async () => {
    const env = await make(id);
    env.reset({ state: golden[id].reset_state });
    for (const { a, o, r, te, tt, s } of golden[id].steps) {
      const got = env.step(a);
      expect([[...got.observation], got.reward, got.terminated, got.truncated, [...env.getState()]]).toEqual([
        o,
        r,
        te,
        tt,
        s,
      ]);
    }
  });
});

it('FrozenLake: every recorded transition is one that the model allows, with its probability', async () => {
  const model = await modelOf('FrozenLake-v1');
  let [from] = golden['FrozenLake-v1'].reset_state;
  for (const { a, r, te, s } of golden['FrozenLake-v1'].steps) {
    const outcomes = model.outcomes(from, a);
    const [to] = s;
    const same = outcomes.filter((t) => t.next === to && t.reward === r && t.terminated === te);
    const p = same.reduce((sum, t) => sum + t.probability, 0);
    expect([1 / 3, 2 / 3, 1].some((q) => Math.abs(p - q) < 1e-15)).toBe(true);
    from = to;
  }
});

describe('models', () => {
  const ids = ['FrozenLake-v1', 'FrozenLake8x8-v1', 'CliffWalking-v1', 'CliffWalkingSlippery-v1', 'Taxi-v4'];

  it.each(ids)('%s: probabilities sum to 1, and play draws them', async (id) => {
    const env = await make(id, { maxSteps: null });
    const { model } = env.dynamics as Tabular;
    expect(model.start.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
    for (let s = 0; s < model.states; s++) {
      for (let a = 0; a < model.actions; a++) {
        const p = model.outcomes(s, a).reduce((sum, t) => sum + t.probability, 0);
        expect(Math.abs(p - 1)).toBeLessThanOrEqual(1e-15);
      }
    }
    // Frequencies of one slippery action, by χ² against its degrees of freedom.
    const [s, a] = id.startsWith('Cliff') ? [14, 1] : [model.start.indexOf(Math.max(...model.start)), 1];
    env.reset({ seed: seedOf(`${id} draws`) });
    const n = 9000;
    const counts = new Map<number, number>();
    for (let i = 0; i < n; i++) {
      env.setState([s]);
      env.step(a);
      const [to] = env.getState();
      counts.set(to, (counts.get(to) ?? 0) + 1);
    }
    const expected = new Map<number, number>();
    for (const t of model.outcomes(s, a)) expected.set(t.next, (expected.get(t.next) ?? 0) + t.probability);
    for (const [to, p] of expected) {
      const z = zScore((counts.get(to) ?? 0) / n, p, Math.sqrt((p * (1 - Math.min(p, 1))) / n));
      expect(Math.abs(p > 1 - 1e-12 ? (counts.get(to) ?? 0) - n : z)).toBeLessThanOrEqual(4.5);
    }
    expect([...counts.keys()].every((to) => expected.has(to))).toBe(true);
  });

  it('Taxi starts in 300 states, equally often (χ², 299 degrees of freedom)', async () => {
    const env = await make('Taxi-v4');
    env.reset({ seed: seedOf('taxi starts') });
    const counts = new Map<number, number>();
    const n = 30_000;
    for (let i = 0; i < n; i++) {
      const s = env.reset().observation[0];
      counts.set(s, (counts.get(s) ?? 0) + 1);
    }
    let chi2 = 0;
    for (const c of counts.values()) chi2 += (c - 100) ** 2 / 100;
    expect(counts.size).toBe(300);
    expect(Math.abs((chi2 - 299) / Math.sqrt(2 * 299))).toBeLessThanOrEqual(4.5);
  });

  it('the fixed starts are fixed', async () => {
    expect((await make('FrozenLake-v1')).reset().observation[0]).toBe(0);
    expect((await make('CliffWalking-v1')).reset().observation[0]).toBe(36);
  });

  it('reach the published optima: .74 and .91 of the lakes, 7.93 of the taxi; the cliff is 13 long', async () => {
    expect(optimalReturn(await modelOf('FrozenLake-v1'), { horizon: 100 })).toBeCloseTo(0.74, 2);
    expect(optimalReturn(await modelOf('FrozenLake8x8-v1'), { horizon: 200 })).toBeCloseTo(0.91, 2);
    // Gymnasium's source still says 8.46, the optimum before the map was corrected; 7.93 is a mean over 300 starts.
    expect(optimalReturn(await modelOf('Taxi-v4'), { horizon: 200 })).toBeCloseTo(2379 / 300, 12);
    expect(optimalReturn(await modelOf('CliffWalking-v1'), { horizon: 100 })).toBe(-13);
  });

  it('the mask of the taxi is the set of actions that change the state', async () => {
    const env = await make('Taxi-v4');
    const { model } = env.dynamics as Tabular;
    for (let s = 0; s < 500; s++) {
      env.reset({ state: [s] });
      const { info } = env.reset({ state: [s] });
      const changes = Array.from({ length: 6 }, (_, a) => Number(model.outcomes(s, a)[0].next !== s));
      expect([...(info.action_mask as Int8Array)]).toEqual(changes);
    }
  });

  it('refuse options that make no map, and states that do not exist', async () => {
    const bad = [
      { map: '5x5' },
      { map: ['SF', 'F'] },
      { map: ['FF', 'FG'] },
      { successRate: 2 },
      { slippery: 1 },
    ];
    for (const options of bad) await expect(make('FrozenLake-v1', options)).rejects.toThrow(FimError);
    const env = await make('Taxi-v4');
    for (const s of [-1, 500, 0.5]) expect(() => env.setState([s])).toThrow(FimError);
  });
});

describe('exact answers', () => {
  const cases: [string, object, { discount?: number; horizon?: number }][] = [
    ['FrozenLake-v1', {}, {}],
    ['FrozenLake-v1', {}, { discount: 0.9 }],
    ['FrozenLake-v1', { map: ['SF', 'HG'], successRate: 0.8 }, { horizon: 7, discount: 0.95 }],
    ['CliffWalkingSlippery-v1', {}, { horizon: 30 }],
  ];

  it.each(cases)('%s %j %j: the gradient is the central difference of J', async (id, options, how) => {
    const model = await modelOf(id, options);
    const random = new Sequence(seedOf(id), 'logits');
    const logits = Float64Array.from({ length: model.states * model.actions }, () => random.normal());
    const { gradient, J } = solveTabular(model, logits, how);
    const scale = Math.max(...gradient.map(Math.abs));
    const step = 1e-4;
    for (let i = 0; i < logits.length; i++) {
      const at = (h: number): number =>
        solveTabular(
          model,
          logits.map((v, j) => (j === i ? v + h : v)),
          how,
        ).J;
      const fourth = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      expect(Math.abs(fourth - gradient[i])).toBeLessThanOrEqual(1e-9 * Math.max(scale, Math.abs(J)));
    }
  });

  it('the natural gradient is the advantage: 𝓘 A = ∇J / Σd', async () => {
    const model = await modelOf('FrozenLake-v1');
    const random = new Sequence(4, 'logits');
    const logits = Float64Array.from({ length: 64 }, () => random.normal());
    const { gradient, fisher, Q, V, occupancy } = solveTabular(model, logits, { discount: 0.97 });
    const total = occupancy.reduce((a, b) => a + b, 0);
    for (let s = 0; s < 16; s++) {
      for (let a = 0; a < 4; a++) {
        let product = 0;
        for (let b = 0; b < 4; b++) product += fisher[(s * 4 + a) * 4 + b] * (Q[s * 4 + b] - V[s]);
        expect(Math.abs(product - gradient[s * 4 + a] / total)).toBeLessThanOrEqual(1e-15);
      }
    }
  });

  it('an endless horizon is the limit of long ones', async () => {
    const model = await modelOf('FrozenLake-v1');
    const logits = new Float64Array(64);
    const limit = solveTabular(model, logits);
    const long = solveTabular(model, logits, { horizon: 2000 });
    expect(Math.abs(limit.J - long.J)).toBeLessThanOrEqual(1e-12);
    limit.gradient.forEach((g, i) => expect(Math.abs(g - long.gradient[i])).toBeLessThanOrEqual(1e-12));
    limit.fisher.forEach((f, i) => expect(Math.abs(f - long.fisher[i])).toBeLessThanOrEqual(1e-12));
  });

  it('played episodes agree: return, length and the empirical score gradient (|z| ≤ 4.5)', async () => {
    const env = await make('FrozenLake-v1', { maxSteps: 20 });
    const { model } = env.dynamics as Tabular;
    const logits = Float64Array.from({ length: 64 }, (_, i) => Math.sin(3 * i));
    const pi = softmaxPolicy(model, logits);
    const exact = solveTabular(model, logits, { horizon: 20 });
    const random = new Sequence(seedOf('frozen lake, played'), 'actions');
    const returns = new Moments();
    const lengths = new Moments();
    const along = new Moments();
    const direction = Float64Array.from({ length: 64 }, (_, i) => Math.cos(i));
    env.reset({ seed: seedOf('frozen lake, played') });
    for (let e = 0; e < 20_000; e++) {
      let s = env.reset().observation[0];
      let score = 0;
      let total = 0;
      while (env.running) {
        const u = random.next();
        let a = 0;
        for (let c = pi[s * 4]; c <= u && a < 3;) c += pi[s * 4 + ++a];
        for (let b = 0; b < 4; b++) score += direction[s * 4 + b] * ((a === b ? 1 : 0) - pi[s * 4 + b]);
        const r = env.step(a);
        total += r.reward;
        s = r.observation[0];
      }
      returns.add(total);
      lengths.add(env.steps);
      along.add(score * total);
    }
    const slope = exact.gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
    const length = exact.occupancy.reduce((a, b) => a + b, 0);
    const check = (m: Moments, truth: number): void =>
      expect(Math.abs(zScore(m.mean, truth, m.standardError))).toBeLessThanOrEqual(4.5);
    check(returns, exact.J);
    check(lengths, length);
    check(along, slope);
  });

  it('a policy without an end is refused; A x = b and Aᵀ x = b are solved', async () => {
    const loop = new TransitionModel(1, 1, Float64Array.of(1), () => [
      { probability: 1, next: 0, reward: 1, terminated: false },
    ]);
    expect(() => solveTabular(loop, [0])).toThrow(FimError);
    expect(solveTabular(loop, [0], { discount: 0.5 }).J).toBe(2);
    expect(() => solveTabular(loop, [0, 0])).toThrow(/1 × 1/);
    const random = new Sequence(1, 'matrix');
    const n = 9;
    const a = Float64Array.from({ length: n * n }, () => random.normal());
    const b = Float64Array.from({ length: n }, () => random.normal());
    const factored = new Factored(a.slice(), n);
    const [x, y] = [factored.solve(b), factored.solveTransposed(b)];
    for (let i = 0; i < n; i++) {
      let [ax, ay] = [0, 0];
      for (let j = 0; j < n; j++) {
        ax += a[i * n + j] * x[j];
        ay += a[j * n + i] * y[j];
      }
      expect(Math.abs(ax - b[i]) + Math.abs(ay - b[i])).toBeLessThanOrEqual(1e-12);
    }
  });
});
