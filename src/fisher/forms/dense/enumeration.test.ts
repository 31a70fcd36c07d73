import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { smallNetwork } from '../../../../test/fisher/small-network.js';
import {
  bernoulliLaw,
  binomialLaw,
  categoricalLaw,
  gammaLaw,
  gaussianLaw,
  type Law,
  pairLaw,
  poissonLaw,
} from '../../../../test/support/laws.js';
import { tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { constant, ops as b, type Value } from '../../../graph/index.js';
import type { Activation } from '../../../model/activations.js';
import { derivatives } from './derivatives.js';
import { elementsOf } from './elements.js';

const engine = createSmallEngine();

/** `negative`: outputs that the family wants below 0; the map to them is part of the network. */
const lawsOf: Record<string, { T: number; law: (h: number[]) => Law; negative?: number[] }> = {
  'categorical, 4 classes': { T: 4, law: categoricalLaw },
  'categorical, 2 classes': { T: 2, law: categoricalLaw },
  'bernoulli, 1 output': { T: 1, law: bernoulliLaw },
  'bernoulli, 3 outputs': { T: 3, law: bernoulliLaw },
  'gaussian, variance 2': { T: 2, law: (h) => gaussianLaw(h, 2) },
  'gaussian, mean and variance': { T: 2, law: (h) => pairLaw(h, 'canonical'), negative: [0, 1] },
  'poisson, 2 outputs': { T: 2, law: poissonLaw },
  'binomial, 3 trials': { T: 2, law: (h) => binomialLaw(h, 3) },
  exponential: { T: 2, law: (h) => gammaLaw(h, 1, 'exponential'), negative: [1, 1] },
  'gamma, shape 2.5': { T: 1, law: (h) => gammaLaw(h, 2.5), negative: [1] },
};

/** −0.3 − softplus(h) where `negative` is 1, h elsewhere. */
function inDomain(h: Value, negative: readonly number[]): Value {
  const mask = constant(tensor('float64', [negative.length], negative));
  const moved = b.neg(b.shift(b.softplus(h), 0.3));
  return b.add(h, b.mul(mask, b.sub(moved, h)));
}

const activations: Activation[] = ['sigmoid', 'tanh', 'softplus', 'log-sigmoid', 'relu'];

describe.each(Object.entries(lawsOf))(
  'closed forms against the law itself: %s',
  (_, { T, law, negative }) => {
    it.each(activations)('%s', async (activation) => {
      const { network: raw, x } = smallNetwork(activation, T, 5, 1);
      const network = negative ? { ...raw, h: inDomain(raw.h, negative) } : raw;
      const { likelihood } = law(new Array<number>(T).fill(-1));
      for await (const batch of derivatives(engine, network, sourceOf(x))) {
        let e = 0;
        for (const elements of elementsOf(batch, likelihood)) {
          const { P, jacobian } = elements;
          const { outcomes } = law([...batch.h.data.slice(e * T, (e + 1) * T)]);
          const eta = Array.from({ length: T }, (_, a) => outcomes.reduce((s, o) => s + o.p * o.t[a], 0));
          const delta = outcomes.map(({ t, p }) => ({ d: t.map((v, a) => v - eta[a]), p }));
          const s = delta.map(({ d }) =>
            Float64Array.from({ length: P }, (_, i) => d.reduce((v, x, a) => v + x * jacobian[a * P + i], 0)),
          );
          const size = P * P;
          const [got, want] = [0, 1].map(() => ({
            fisher: new Float64Array(size),
            type1: new Float64Array(size),
            type2: new Float64Array(size),
            cross: new Float64Array(size),
          }));
          const H = new Float64Array(T);
          for (let i = 0; i < P; i++)
            for (let j = 0; j <= i; j++) {
              const at = i * P + j;
              const element = elements.at(i, j);
              for (const q of ['fisher', 'type1', 'type2', 'cross'] as const) got[q][at] = element[q];
              elements.hessian(i, j, H);
              let fisher = 0;
              delta.forEach(({ p }, k) => (fisher += p * s[k][i] * s[k][j]));
              want.fisher[at] = fisher;
              delta.forEach(({ d, p }, k) => {
                const first = s[k][i] * s[k][j] - fisher;
                const second = -d.reduce((v, x, a) => v + x * H[a], 0);
                want.type1[at] += p * first * first;
                want.type2[at] += p * second * second;
                want.cross[at] += p * first * second;
              });
            }
          for (const q of ['fisher', 'type1', 'type2'] as const) expectClose(got[q], want[q], 1e-12, q);
          const scale = Math.sqrt(Math.max(...want.type1) * Math.max(...want.type2));
          want.cross.forEach((v, i) => expect(Math.abs(got.cross[i] - v)).toBeLessThanOrEqual(1e-12 * scale));
          e += 1;
        }
      }
    });
  },
);
