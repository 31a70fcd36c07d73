import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { estimateDiagonal } from '../fisher/index.js';
import { exactColumns } from '../fisher/estimators/exact.js';
import { groupsOf } from '../fisher/forms/diagonal/groups.js';
import { planPass } from '../fisher/forms/diagonal/pass.js';
import type { PassSpec } from '../fisher/forms/diagonal/statistics.js';
import { openBatch } from '../fisher/loop.js';
import { Passes } from '../fisher/passes.js';
import { widestSite } from '../fisher/memory.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';

const law = getLikelihood('categorical');
const N = 3;
const x = tensor(
  'float64',
  [N, 4],
  Float64Array.from({ length: 4 * N }, (_, i) => Math.sin(1 + 3 * i)),
);
const of = (T: number) => denseNetwork({ widths: [4, 5, T], activation: 'tanh', seed: 2, dtype: 'float64' });

async function results(T: number, totals: 'gram' | 'pairs', chunk: number, fixed = 0) {
  const network = of(T);
  const sets = groupsOf(network).map((g) => g.parameters);
  const spec: PassSpec = { columns: T, squares: false, label: 'pairwise', totals, sets, fixed };
  const pass = planPass('p', network, spec, exactColumns(law, T), chunk);
  const programs = await Passes.compile(createSmallEngine(), network, pass.graphs, N);
  const [batch] = sourceOf(x)(N, 'float64');
  const opened = await openBatch(programs, law, batch);
  return { network, sets, result: await pass.run(programs, opened) };
}

describe('sums over pairs of columns', () => {
  // Blocks of 128 columns, whole and not, one set of each kind.
  it.each([
    [30, 30, 0],
    [130, 130, 0],
    [300, 300, 0],
    [30, 30, 4],
    [30, 7, 0],
    [30, 2, 0],
    [31, 8, 3],
    [300, 280, 0],
  ])('%d columns, %d at once, the first %d apart', async (T, chunk, fixed) => {
    const whole = await results(T, 'gram', T);
    const { sets, result } = await results(T, 'pairs', chunk, fixed);
    const w = whole.result.weights;
    sets.forEach((set, i) => {
      const pairs = result.pairs(i)!;
      for (let e = 0; e < N; e++) {
        let sum = 0;
        for (let a = fixed; a < T; a++)
          for (let b = fixed; b < a; b++) {
            const M = set.reduce((m, p) => m + whole.result.gram(p)![(e * T + a) * T + b], 0);
            sum += w[e * T + a] * w[e * T + b] * M ** 2;
          }
        expect(pairs[e]).toBeGreaterThan(0);
        expect(Math.abs(pairs[e] / sum - 1)).toBeLessThan(1e-10);
      }
    });
    for (const p of sets[0]) {
      const [a, b] = [result.norms(p)!, whole.result.gram(p)!];
      for (let k = 0; k < N * T; k++)
        expect(Math.abs(a[k] - b[Math.floor(k / T) * T * T + (k % T) * (T + 1)])).toBeLessThan(1e-12);
    }
  });

  it('an estimate does not depend on how its columns are cut', async () => {
    const network = of(150);
    const run = (columns: number) =>
      estimateDiagonal(createSmallEngine(), network, law, sourceOf(x), {
        estimator: 'rademacher',
        labels: 1,
        error: 'closed-form',
        populationSize: N,
        budget: widestSite(network) * columns,
      });
    const [whole, cut] = [await run(1e6), await run(40)];
    expect(whole.trace.labelError).toBeGreaterThan(0);
    expect(cut.trace.labelError! / whole.trace.labelError!).toBeCloseTo(1, 10);
    for (const [i, t] of whole.tensors.entries())
      t.labelError!.forEach((v, k) =>
        expect(Math.abs(cut.tensors[i].labelError![k] - v)).toBeLessThan(1e-10),
      );
  });
});
