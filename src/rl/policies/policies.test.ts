import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { createSmallEngine } from '../../engine/index.js';
import { outputs } from '../../likelihood/index.js';
import { parameterCount } from '../../model/network.js';
import { sitesOf } from '../../model/sites.js';
import { Moments, seedOf, zScore } from '../../stats/index.js';
import { Actor } from '../rollout/actor.js';
import { box, discrete } from '../spaces.js';
import { actorCritic } from './actor-critic.js';
import { orthogonal } from './orthogonal.js';

const X = box([-1, -1, -1], [1, 1, 1]);
const FORCES = box([-1, -2], [1, 2]);

describe('orthogonal', () => {
  it.each([
    [3, 7],
    [7, 3],
    [64, 64],
    [1, 5],
  ])('[%i, %i]: the shorter side is orthonormal times the gain', (rows, columns) => {
    const w = orthogonal(rows, columns, 1.5, new Sequence(1, 'orthogonal'));
    const short = Math.min(rows, columns);
    const at = (k: number, i: number): number => (rows <= columns ? w[k * columns + i] : w[i * columns + k]);
    for (let a = 0; a < short; a++) {
      for (let b = 0; b < short; b++) {
        let sum = 0;
        for (let i = 0; i < Math.max(rows, columns); i++) sum += at(a, i) * at(b, i);
        expect(Math.abs(sum - (a === b ? 2.25 : 0))).toBeLessThanOrEqual(1e-13);
      }
    }
  });

  it('is uniform: every entry has mean 0 and mean square 1/long (|z| ≤ 4.5)', () => {
    const random = new Sequence(seedOf('orthogonal is uniform'), 'orthogonal');
    const entries = Array.from({ length: 6 }, () => new Moments());
    const squares = new Moments();
    for (let k = 0; k < 3000; k++) {
      const w = orthogonal(2, 3, 1, random);
      w.forEach((v, i) => entries[i].add(v));
      // Three entries of a unit vector: one of them has E w⁴ = 3/(n(n + 2)), n = 3.
      squares.add(w[0] ** 2);
    }
    for (const m of entries)
      expect(Math.abs(zScore(m.mean, 0, Math.sqrt(1 / 3 / 3000)))).toBeLessThanOrEqual(4.5);
    expect(Math.abs(zScore(squares.mean, 1 / 3, Math.sqrt((0.2 - 1 / 9) / 3000)))).toBeLessThanOrEqual(4.5);
  });
});

describe('actorCritic', () => {
  it('counts its parameters: separate towers, one trunk, or no value', () => {
    const of = (value: 'separate' | 'shared' | 'none') =>
      actorCritic({ observationSpace: X, actionSpace: discrete(4), hidden: [5, 6], value });
    const trunk = 3 * 5 + 5 + (5 * 6 + 6);
    for (const kind of ['separate', 'shared', 'none'] as const) {
      expect(parameterCount(of(kind).policy)).toBe(trunk + 6 * 4 + 4);
    }
    expect(parameterCount(of('separate').value!)).toBe(trunk + 6 + 1);
    expect(parameterCount(of('shared').value!)).toBe(trunk + 6 + 1);
    const shared = of('shared');
    expect([...shared.value!.parameters.keys()].filter((k) => shared.policy.parameters.has(k)).length).toBe(
      4,
    );
    const separate = of('separate');
    expect([...separate.value!.parameters.keys()].some((k) => separate.policy.parameters.has(k))).toBe(false);
    expect(of('none').value).toBeNull();
  });

  it('every parameter of the three heads has a structured site', () => {
    for (const [actionSpace, sigma] of [
      [discrete(3), 'independent'],
      [FORCES, 'independent'],
      [FORCES, 'network'],
    ] as const) {
      const { policy } = actorCritic({ observationSpace: X, actionSpace, sigma, hidden: [5] });
      const forms = sitesOf([policy.h], [...policy.parameters.values()]).map((s) => s.form);
      expect(forms).toEqual(['dense', 'shift', 'dense', 'shift']);
    }
  });

  it('draws what its outputs say, whatever the hidden state: mean, σ, log-probability (|z| ≤ 4.5)', () => {
    for (const sigma of ['independent', 'network'] as const) {
      const model = actorCritic({
        observationSpace: X,
        actionSpace: FORCES,
        sigma,
        initialLogSigma: Math.log(0.5),
        dtype: 'float64',
      });
      const n = 4000;
      const engine = createSmallEngine();
      const actor = new Actor(model, engine, engine.store(), n);
      for (let i = 0; i < 3 * n; i++) actor.features[i] = 0.3;
      actor.run(n);
      const actions = actor.makeActions();
      const logp = new Float64Array(n);
      actor.act(seedOf(`policy draws, ${sigma}`), 0, actions);
      model.likelihood.logProbability(outputs(actor.h, n, actor.T), actions, logp);
      expect(actions.width).toBe(2);
      const h = [...actor.h.slice(0, 4)];
      if (sigma === 'independent') expect(h.slice(2)).toEqual([Math.log(0.5), Math.log(0.5)]);
      for (let a = 0; a < 2; a++) {
        const s = Math.exp(h[2 + a]);
        const column = Array.from({ length: n }, (_, i) => actions.data[2 * i + a]);
        const first = zScore(Moments.of(column).mean, h[a], s / Math.sqrt(n));
        const second = Moments.of(column.map((y) => ((y - h[a]) / s) ** 2)).mean;
        expect(Math.abs(first)).toBeLessThanOrEqual(4.5);
        expect(Math.abs(zScore(second, 1, Math.sqrt(2 / n)))).toBeLessThanOrEqual(4.5);
      }
      for (let i = 0; i < 5; i++) {
        let expected = 0;
        for (let a = 0; a < 2; a++) {
          const z = (actions.data[2 * i + a] - h[a]) / Math.exp(h[2 + a]);
          expected -= 0.5 * z * z + h[2 + a] + 0.5 * Math.log(2 * Math.PI);
        }
        expect(Math.abs(logp[i] - expected)).toBeLessThanOrEqual(1e-12);
      }
    }
  });

  it('starts close to uniform over actions, and repeats from its seed', () => {
    const make = (seed: number) =>
      actorCritic({ observationSpace: discrete(4), actionSpace: discrete(3), seed });
    const engine = createSmallEngine();
    const actor = new Actor(make(1), engine, engine.store(), 4);
    actor.features.set([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    actor.run(4);
    for (const v of actor.h) expect(Math.abs(v)).toBeLessThan(0.03);
    expect(make(1).policy.weights).toEqual(make(1).policy.weights);
    expect(make(2).policy.weights).not.toEqual(make(1).policy.weights);
  });

  it('refuses what makes no policy', () => {
    const code = (o: object): string => {
      try {
        actorCritic({ observationSpace: X, actionSpace: FORCES, ...o });
      } catch (e) {
        if (e instanceof FimError) return e.code;
      }
      return 'nothing thrown';
    };
    const bad = [{ hidden: [0] }, { initialLogSigma: NaN }, { actionSpace: discrete(1) }, { sigma: 'free' }];
    for (const options of bad) expect(code(options)).toBe('rl/policy');
    const engine = createSmallEngine();
    const none = actorCritic({ observationSpace: X, actionSpace: FORCES, value: 'none' });
    const actor = new Actor(none, engine, engine.store(), 1);
    actor.run(1);
    expect(() => actor.values).toThrow(/value network/);
  });
});
