import { describe, expect, it } from 'vitest';
import { expectAllClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { DENSE, fixture, type FixtureName, referenceArrays } from '../../../../test/fisher/fixtures.js';
import type { FloatType } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { estimateDiagonal } from '../../diagonal.js';
import { varianceProfile } from '../../closed-forms/profile.js';

async function check(name: FixtureName, dtype: FloatType, tolerance: number): Promise<void> {
  const { network, likelihood, n, x } = fixture(name, dtype);
  const engine = createSmallEngine();
  const references = referenceArrays(name, 'type2_label_se' as never);
  // ReLU networks come without: every layer's type 2 is exact.
  const type2 = [...referenceArrays(name, 'type1_label_se')].map(
    ([p, a]) => [p, references.get(p) ?? new Float64Array(a.length)] as const,
  );
  const estimate = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
    estimator: 'type2',
    populationSize: n,
    batch: 48,
  });
  const labelErrors = new Map(estimate.tensors.map((t) => [t.name, t.labelError]));
  expectAllClose(labelErrors, new Map(type2), tolerance, 'label error of type 2');
  const dataErrors = new Map(estimate.tensors.map((t) => [t.name, t.dataError]));
  expectAllClose(dataErrors, referenceArrays(name, 'data_se'), tolerance, 'data error');

  const { all } = await varianceProfile(engine, network, likelihood, sourceOf(x), { batch: 50 });
  const profiled = (q: 'type1' | 'type2') =>
    new Map(all.tensors.map((t) => [t.name, t[q].map((v) => Math.sqrt(v / n))]));
  expectAllClose(profiled('type2'), new Map(type2), tolerance, 'profile, type 2');
  expectAllClose(profiled('type1'), referenceArrays(name, 'type1_label_se'), tolerance, 'profile, type 1');
  const fisher = new Map(all.tensors.map((t) => [t.name, t.fisher]));
  expectAllClose(fisher, referenceArrays(name, 'fisher_diag'), tolerance, 'profile, fisher');
}

describe('variance of type 2 against the references of PyTorch', () => {
  it.each(DENSE)('%s in float64', async (name) => check(name, 'float64', 1e-9));
  it.each(['digits-mlp-tanh', 'diabetes-regression', 'digits-mlp-relu'] as const)(
    '%s in float32',
    async (name) => check(name, 'float32', 1e-4),
  );
  it('a bias that joins an affine output is exact', async () => {
    const { network, likelihood, n, x } = fixture('digits-mlp-relu');
    const estimate = await estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), {
      estimator: 'type2',
      populationSize: n,
      population: 'data',
      labels: 3,
    });
    expect(estimate.trace.standardError).toBe(0);
  });
});
