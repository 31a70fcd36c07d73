import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { tensor, type Tensor, toFloat64 } from '../core/tensor.js';
import { openArrays } from '../data/arrays.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork, type DenseOptions } from '../model/dense.js';
import { withWeights } from '../model/network.js';
import { estimateDiagonal, type ExampleSource } from './index.js';

const fixture = (name: string, file: string) =>
  openArrays(
    new Uint8Array(readFileSync(new URL(`../../test/fixtures/models/${name}/${file}`, import.meta.url))),
    file,
  );

/** All examples of x in order, in batches. */
export function sourceOf(x: Tensor): ExampleSource {
  return function* (batch) {
    const [n, ...rest] = x.shape;
    const size = rest.reduce((p, d) => p * d, 1);
    for (let start = 0; start < n; start += batch) {
      const count = Math.min(batch, n - start);
      const data = toFloat64(x).slice(start * size, (start + count) * size);
      yield {
        n: count,
        indices: Array.from({ length: count }, (_, i) => start + i),
        occurrence: new Uint32Array(count),
        inputs: new Map([['x', tensor('float64', [count, ...rest], data)]]),
      };
    }
  };
}

const models: [string, Partial<DenseOptions>, string][] = [
  ['digits-mlp-tanh', { widths: [64, 24, 16, 10], activation: 'tanh' }, 'categorical'],
  ['digits-mlp-sigmoid-small', { widths: [8, 6, 5, 4], activation: 'sigmoid' }, 'categorical'],
];

describe('diagonal against the references of PyTorch', () => {
  it.each(models)('%s: type 1, one label, closed-form errors', async (name, options, family) => {
    const reference = fixture(name, 'reference.npz');
    const data = fixture(name, 'data.npz');
    const built = denseNetwork({ widths: [1, 1], ...options, dtype: 'float64' });
    const onnx = (await import('../graph/onnx/proto/index.js')).decodeModel(
      new Uint8Array(readFileSync(new URL(`../../test/fixtures/models/${name}/model.onnx`, import.meta.url))),
    );
    const weights = new Map(
      onnx.graph.initializers.map((t) => [
        t.name,
        tensor('float64', t.shape, toFloat64(t as unknown as Tensor)),
      ]),
    );
    const x = data.get('x');
    const n = x.shape[0];
    const engine = createSmallEngine();
    const likelihood = getLikelihood(family);
    for (const budget of [undefined, 64 * 24 * 3]) {
      const estimate = await estimateDiagonal(engine, withWeights(built, weights), likelihood, sourceOf(x), {
        estimator: 'type1',
        error: 'closed-form',
        populationSize: n,
        batch: 48,
        ...(budget ? { budget } : {}),
      });
      const exact = await estimateDiagonal(engine, withWeights(built, weights), likelihood, sourceOf(x), {
        estimator: 'exact',
        populationSize: n,
        batch: 50,
        ...(budget ? { budget } : {}),
      });
      for (const t of estimate.tensors) {
        close(
          exact.tensors.find((e) => e.name === t.name)!.fisher,
          toFloat64(reference.get(`fisher_diag/${t.name}`)),
        );
        close(t.labelError!, toFloat64(reference.get(`type1_label_se/${t.name}`)));
        close(t.dataError!, toFloat64(reference.get(`data_se/${t.name}`)));
      }
      const totals = JSON.parse(
        readFileSync(new URL(`../../test/fixtures/models/${name}/reference.json`, import.meta.url), 'utf8'),
      ) as Record<string, number>;
      expect(exact.trace.value / totals.trace - 1).toBeCloseTo(0, 10);
      expect(estimate.trace.labelError! / totals.trace_type1_label_se - 1).toBeCloseTo(0, 10);
      expect(estimate.trace.dataError! / totals.trace_data_se - 1).toBeCloseTo(0, 10);
    }
  });
});

function close(got: Float64Array, want: Float64Array): void {
  const top = want.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  got.forEach((v, i) => expect(Math.abs(v - want[i])).toBeLessThanOrEqual(1e-10 * top));
}
