import { describe, expect, it } from 'vitest';
import { deviation } from '../../test/fisher/close.js';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { fixture, type FixtureName } from '../../test/fisher/fixtures.js';
import { recording, type Record } from '../../test/fisher/recording.js';
import { permutation } from '../core/random.js';
import type { FloatType } from '../core/tensor.js';
import { createOrtEngine } from '../engine/ort/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { Engine } from '../engine/types.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';

interface Run {
  readonly estimate: DiagonalEstimate;
  readonly record: Record;
}

async function run(
  name: FixtureName,
  dtype: FloatType,
  order: readonly number[],
  options: Pick<DiagonalOptions, 'estimator'> & Partial<DiagonalOptions>,
  engine: Engine = createSmallEngine(),
): Promise<Run> {
  const { network, likelihood, x, n } = fixture(name, dtype);
  const { likelihood: recorded, record } = recording(likelihood);
  const source = sourceOf(x, order);
  const all = { populationSize: n, seed: 17, ...options };
  const estimate = await estimateDiagonal(engine, network, recorded, source, all);
  return { estimate, record };
}

/** Largest relative difference of any array of two estimates. */
function difference(a: DiagonalEstimate, b: DiagonalEstimate): number {
  const parts = ['fisher', 'labelError', 'dataError', 'standardError'] as const;
  const each = a.tensors.flatMap((t, i) =>
    parts.map((part) => deviation(b.tensors[i][part] ?? [], t[part] ?? [])),
  );
  const figures = ['value', 'labelError', 'dataError', 'standardError'] as const;
  const totals = figures.map((f) => deviation([b.trace[f] ?? 0], [a.trace[f] ?? 0]));
  return Math.max(...each, ...totals);
}

const CASES = [
  ['digits-mlp-tanh', 'float64', 'type1', 'closed-form', 1e-12],
  ['digits-mlp-tanh', 'float32', 'type1', 'sampled', 1e-5],
  ['digits-multilabel', 'float64', 'type1', 'sampled', 1e-12],
  ['digits-multilabel', 'float32', 'rademacher', 'closed-form', 1e-5],
  ['digits-mlp-sigmoid-small', 'float64', 'rademacher', 'sampled', 1e-12],
  ['diabetes-regression', 'float32', 'type1', 'sampled', 1e-5],
] as const;

describe('the small engine', () => {
  it.each(CASES)('%s, %s, %s, %s: draws do not depend on batch or order', async (...asked) => {
    const [name, dtype, estimator, error, tolerance] = asked;
    const n = fixture(name).n;
    // The draws of other roots: likelihood/roots.
    const options = { estimator, error, labels: 2, root: 'class' } as const;
    const whole = await run(name, dtype, range(n), { ...options, batch: n });
    expect(whole.record.draws.size).toBe(2 * n);
    const ways: [readonly number[], number, number?][] = [
      [range(n), 1],
      [range(n), 7],
      [range(n).reverse(), 32],
      [Array.from(permutation(n, 5, 'order')), n],
      // A budget that takes the columns one or two at a time.
      [range(n), 16, 1],
    ];
    for (const [order, batch, budget] of ways) {
      const limit = budget === undefined ? {} : { budget };
      const other = await run(name, dtype, order, { ...options, batch, ...limit });
      expect(other.record.outputs, `rows in batches of ${batch}`).toEqual(whole.record.outputs);
      expect(other.record.draws, `draws in batches of ${batch}`).toEqual(whole.record.draws);
      expect(difference(whole.estimate, other.estimate)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('examples seen again draw anew, wherever their visits fall', async () => {
    const order = [3, 3, 8, 3, 1, 8, 3];
    const visits = async (batch: number, rows = order) => {
      const options = { estimator: 'type1', error: 'sampled', labels: 2, batch } as const;
      return (await run('diabetes-regression', 'float64', rows, options)).record.draws;
    };
    const together = await visits(7);
    expect([...together.keys()].sort()).toEqual(
      ['1/0', '3/0', '3/1', '3/2', '3/3', '8/0', '8/1'].flatMap((v) => [`${v}/0`, `${v}/1`]),
    );
    expect(new Set([...together.values()].map(String)).size).toBe(14);
    for (const batch of [1, 2, 3]) expect(await visits(batch)).toEqual(together);
    // Another order visits the same: the k-th visit of an example is the k-th, whatever lies between.
    expect(await visits(4, [8, 1, 3, 3, 3, 8, 3])).toEqual(together);
  });

  it('more draws begin with the same; seeds and streams draw others', async () => {
    const draws = async (more: Partial<DiagonalOptions>) => {
      const options = { estimator: 'type1', error: 'sampled', labels: 2, ...more } as const;
      return (await run('diabetes-regression', 'float64', range(20), options)).record.draws;
    };
    const two = await draws({});
    const five = await draws({ labels: 5 });
    for (const [key, label] of two) expect(five.get(key)).toEqual(label);
    for (const other of [await draws({ seed: 18 }), await draws({ stream: 'pilot' })]) {
      for (const [key, label] of two) expect(other.get(key)).not.toEqual(label);
    }
  });
});

describe('ONNX Runtime', () => {
  it.each(['digits-mlp-tanh', 'digits-multilabel'] as const)(
    '%s: labels differ from the small engine’s only beside a step, which are few',
    async (name) => {
      const n = fixture(name).n;
      const labels = 64;
      const options = { estimator: 'type1', error: 'sampled', labels, batch: 50 } as const;
      const small = await run(name, 'float32', range(n), options);
      const engine = await createOrtEngine();
      const ort = await run(name, 'float32', range(n), options, engine);
      engine.dispose();
      expect(ort.record.draws.size).toBe(n * labels);
      let close = 0;
      for (const [key, label] of small.record.draws) {
        const distance = Math.min(ort.record.steps.get(key)!, small.record.steps.get(key)!);
        if (distance <= 1e-5) close++;
        else expect(ort.record.draws.get(key), `draw ${key}, ${distance} from a step`).toEqual(label);
      }
      // Steps per draw: at most T of width 2e-5 each.
      expect(close).toBeLessThanOrEqual(10 + 2 * n * labels * 10 * 2e-5);
    },
  );

  it('exact sums agree with the small engine’s to float32', async () => {
    const small = await run('digits-mlp-tanh', 'float32', range(128), { estimator: 'exact' });
    const engine = await createOrtEngine();
    const ort = await run(
      'digits-mlp-tanh',
      'float32',
      range(128),
      { estimator: 'exact', batch: 31 },
      engine,
    );
    engine.dispose();
    expect(difference(small.estimate, ort.estimate)).toBeLessThanOrEqual(1e-5);
  });
});
