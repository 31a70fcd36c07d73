import { expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { model } from '../../test/fisher/networks.js';
import { createSmallEngine } from '../engine/small/index.js';
import { N, ops as b } from '../graph/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { estimateDiagonal } from './index.js';

/** A Bernoulli network, all of whose passes are needed, with its parameters under the given names. */
function named([W, bias, V]: readonly string[]) {
  const shapes = { [W]: [3, 4], [bias]: [4], [V]: [4, 2] };
  return model('names', getLikelihood('bernoulli'), [N, 3], shapes, (x, p) =>
    b.matmul(b.tanh(b.add(b.matmul(x, p[W]), p[bias])), p[V]),
  );
}

/** Everything about an estimate but the names in it. */
async function numbers(names: readonly string[], budget: number) {
  const { network, likelihood, x } = named(names);
  const options = { estimator: 'type1', populationSize: x.shape[0], batch: 4, budget } as const;
  const e = await estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), options);
  return e.tensors.map((t) => [t.fisher, t.labelError, t.dataError]);
}

it.each([
  [['w', 'ct', 'c']],
  [['h', 'f/w', 'before/w']],
  [['v/w', 'q/w', 'm/w']],
  [['cut1', '0.weight', 'cut.ct']],
])('parameters may be called %j', async (names) => {
  for (const budget of [2 ** 20, 1]) {
    expect(await numbers(names, budget)).toEqual(await numbers(['W', 'b', 'V'], budget));
  }
});
