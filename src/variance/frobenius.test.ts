import { describe, expect, it } from 'vitest';
import { expectRatio } from '../../test/fisher/close.js';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { smallNetwork } from '../../test/fisher/small-network.js';
import { bernoulliLaw, categoricalLaw, expectation, gaussianLaw } from '../../test/support/laws.js';
import { Sequence } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input, N, ops as b } from '../graph/index.js';
import { outputs } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import { denseMoments } from '../fisher/forms/dense/moments.js';
import { frobeniusErrors } from './frobenius.js';
import { chebyshevDraws, inputVariance, jointVariance, optimalLabels, whitenedError } from './laws.js';

const engine = createSmallEngine();

/** A residual block with a tied weight, a scale and two branches. */
function branched(T: number): { network: Network; x: ReturnType<typeof tensor> } {
  const rng = new Sequence(8, 'branched');
  const x = input('x', 'float64', [N, 3]);
  const shapes: Record<string, number[]> = { A: [3, 4], B: [3, 4], s: [4], W: [4, 4], c: [4], O: [4, T] };
  const p = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  const left = b.tanh(b.matmul(x, p.A));
  const right = b.mul(b.softplus(b.matmul(x, p.B)), p.s);
  const twice = b.matmul(b.sigmoid(b.matmul(b.mul(left, right), p.W)), p.W);
  const h = b.matmul(b.tanh(b.add(twice, p.c)), p.O);
  const weights = new Map(
    Object.entries(shapes).map(([k, s]) => {
      const size = s.reduce((a, d) => a * d, 1);
      return [
        k,
        tensor(
          'float64',
          s,
          Array.from({ length: size }, () => rng.normal()),
        ),
      ];
    }),
  );
  return {
    network: {
      inputs: new Map([['x', x]]),
      h,
      parameters: new Map(Object.entries(p)),
      fixed: new Map(),
      weights,
    },
    x: tensor(
      'float64',
      [2, 3],
      Array.from({ length: 6 }, () => rng.normal()),
    ),
  };
}

const families = {
  categorical: categoricalLaw,
  bernoulli: bernoulliLaw,
  gaussian: (h: number[]) => gaussianLaw(h, 2),
};

describe('Frobenius errors through Gram matrices equal sums over all elements', () => {
  const nets = {
    dense: (T: number) => smallNetwork('tanh', T, 3),
    relu: (T: number) => smallNetwork('relu', T, 3),
    branched,
  };
  const cases = Object.keys(nets).flatMap((net) => Object.keys(families).map((f) => [net, f] as const));
  it.each(cases)('%s, %s', async (net, family) => {
    const { network, x } = nets[net as keyof typeof nets](3);
    const { likelihood } = families[family as keyof typeof families]([0, 0, 0]);
    const all = await denseMoments(engine, network, likelihood, sourceOf(x));
    const offsets = new Map<string, [number, number]>();
    let at = 0;
    for (const [name, t] of network.weights) offsets.set(name, [at, (at += (t.data as Float64Array).length)]);
    for (const budget of [undefined, 300]) {
      const errors = await frobeniusErrors(
        engine,
        network,
        likelihood,
        sourceOf(x),
        budget ? { budget } : {},
      );
      expect(errors.at(-1)!.group.kind).toBe('total');
      for (const { group, type1, type2 } of errors) {
        let [want1, want2] = [0, 0];
        for (const p of group.parameters)
          for (const q of group.parameters) {
            const [i0, i1] = offsets.get(p)!;
            const [j0, j1] = offsets.get(q)!;
            for (let i = i0; i < i1; i++)
              for (let j = j0; j < j1; j++) {
                want1 += all.type1[i * all.P + j];
                want2 += all.type2[i * all.P + j];
              }
          }
        expectRatio(type1, want1, 1e-11, `${group.name} type 1`);
        if (want2 === 0) expect(type2).toBe(0);
        else expectRatio(type2, want2, 1e-11, `${group.name} type 2`);
      }
    }
  });
});

describe('what follows from a variance', () => {
  const cases = [categoricalLaw([0.3, -1.2, 2.1, 0.4]), bernoulliLaw([0.4, -1.1]), gaussianLaw([0.2, 1], 3)];
  it.each(cases)('whitened error β₂ − ρ', (law) => {
    const T = law.h.length;
    const h = outputs(Float64Array.from(law.h), 1, T);
    const [got] = whitenedError(law.likelihood, h);
    const I = new Float64Array(T * T);
    law.likelihood.information(h, I);
    const eta = range(T).map((a) => expectation(law, (t) => t[a]));
    // Of a softmax, δᵀI⁺δ = Σ δ_a²/p_a on vectors of sum 0.
    const mahalanobis = (t: number[]) =>
      range(T).reduce((s, a) => {
        const scale = law.likelihood.name === 'categorical' ? eta[a] : I[a * T + a];
        return s + (t[a] - eta[a]) ** 2 / scale;
      }, 0);
    const rank = law.likelihood.name === 'categorical' ? T - 1 : T;
    expectRatio(got, expectation(law, (t) => mahalanobis(t) ** 2) - rank, 1e-11);
  });

  it('inputs and labels together (Thm 4.7), and how many', () => {
    expect(jointVariance({ inputs: 3, labels: 8 }, 10, 4)).toBeCloseTo(0.5, 15);
    expect(inputVariance(2, 5, 4)).toBeCloseTo(4 / 3, 15);
    expect(optimalLabels({ inputs: 2, labels: 8 }, 9, 1)).toBe(6);
    expect(optimalLabels({ inputs: 2, labels: 0 }, 9, 1)).toBe(1);
    const cost = (K: number) => jointVariance({ inputs: 2, labels: 8 }, 1, K) * (9 + K);
    expect(cost(6)).toBeLessThan(Math.min(cost(5), cost(7)));
    expect(chebyshevDraws(4, 0.1, 0.05)).toBe(8000);
  });
});
