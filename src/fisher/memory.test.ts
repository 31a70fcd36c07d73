import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { fixture } from '../../test/fisher/fixtures.js';
import { MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { FimError } from '../core/errors.js';
import { mentionsIn } from '../core/settings/reference.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { Engine } from '../engine/types.js';
import { sizeOf } from '../core/tensor.js';
import { concrete } from '../graph/dims.js';
import type { Graph } from '../graph/graph.js';
import { denseNetwork } from '../model/dense.js';
import { estimateDiagonal, planMemory } from './index.js';
import { budgetOf, widestSite } from './memory.js';

const dense = (...widths: number[]) => denseNetwork({ widths, dtype: 'float64' });

describe('planMemory', () => {
  it('the widest place of a column', () => {
    expect(widestSite(dense(3, 50, 4))).toBe(50);
    // A dense weight is never formed for one example, any other is.
    expect(widestSite(dense(300, 2, 2))).toBe(2);
    const { network } = modelOf('tied autoencoder');
    expect(widestSite(network)).toBe(12);
  });

  it('windows count where they are laid out, and not where an engine has convolutions in float32', () => {
    const of = (dtype: 'float32' | 'float64') => fixture('digits-lenet', dtype).network;
    const network = of('float32');
    expect(widestSite(network, 'pieces')).toBeGreaterThan(widestSite(network, 'images'));
    expect(widestSite(of('float64'), 'images')).toBe(widestSite(of('float64'), 'pieces'));
    expect(budgetOf(network, undefined, 0, 'images')).toBeLessThan(budgetOf(network, undefined, 0));
    const batch = (holding: 'pieces' | 'images') => planMemory(network, 10, 1e6, 1, 2 ** 20, holding).batch;
    expect(batch('images')).toBeGreaterThan(batch('pieces'));
  });

  it.each([
    [10, 64, 1, 64 * 50 * 10, { chunk: 10, batch: 64 }],
    [10, 64, 1, 64 * 50 * 10 - 1, { chunk: 9, batch: 64 }],
    [10, 64, 1, 64 * 50, { chunk: 1, batch: 64 }],
    [10, 64, 1, 64 * 50 - 1, { chunk: 1, batch: 63 }],
    [10, 64, 2, 64 * 50, { chunk: 10, batch: 6 }],
    [10, 64, 2, 8 * 50, { chunk: 8, batch: 1 }],
    [10, 64, 1, 1, { chunk: 1, batch: 1 }],
    [10, 64, 2, 1, { chunk: 2, batch: 1 }],
    [1, 64, 2, 1, { chunk: 1, batch: 1 }],
  ] as const)(
    '%d columns of %d examples, at least %d, in %d numbers',
    (columns, batch, least, budget, plan) => {
      expect(planMemory(dense(3, 50, 4), columns, batch, least, budget)).toEqual(plan);
    },
  );

  it('Gram matrices of all columns are held whole: many outputs cut the batch', () => {
    const network = dense(2, 2000);
    const budget = 2 ** 25;
    expect(planMemory(network, 2000, 256, 1, budget)).toEqual({ chunk: 65, batch: 256 });
    const { batch } = planMemory(network, 2000, 256, 2, budget);
    expect(batch).toBe(8);
    expect(batch * 2000 ** 2).toBeLessThanOrEqual(budget);
  });
});

describe('a bound in bytes', () => {
  const network = dense(3, 50, 4);

  it('gives the largest array more numbers the more bytes there are', () => {
    const [few, many] = [1e6, 1e8].map((memory) => budgetOf(network, memory));
    expect(few).toBeGreaterThanOrEqual(2 * 50);
    expect(many).toBeGreaterThan(50 * few);
  });

  it('too small for the sums, it is refused with one that is large enough', () => {
    const refused = caught(() => budgetOf(network, 1000));
    expect([refused.code, refused.kind]).toEqual(['memory/too-small', 'usage']);
    expect(refused.complaint.got).toMatch(/^1kB, of at least \d+MB$/);
    const [{ value }] = mentionsIn(refused.complaint.next!);
    expect(budgetOf(network, value as number)).toBeGreaterThanOrEqual(2 * 50);
    expect(caught(() => budgetOf(network, 1e6, 2e6)).code).toBe('memory/too-small');
  });

  it('cuts passes and leaves the numbers', async () => {
    const { network: model, likelihood, x } = modelOf(MODEL_NAMES[0]);
    const run = (memory?: number) =>
      estimateDiagonal(createSmallEngine(), model, likelihood, sourceOf(x), {
        estimator: 'exact',
        populationSize: x.shape[0],
        memory,
      });
    const least = Number(mentionsIn(caught(() => budgetOf(model, 1)).complaint.next!)[0].value);
    const [whole, cut] = [await run(), await run(least)];
    expect(cut.trace.value).toBeCloseTo(whole.trace.value, 12);
    await expect(run(1)).rejects.toMatchObject({ code: 'memory/too-small' });
  });
});

function caught(run: () => unknown): FimError {
  try {
    run();
  } catch (error) {
    if (error instanceof FimError) return error;
  }
  throw new Error('nothing was refused');
}

describe('no array of a pass is larger than the budget', () => {
  it.each(MODEL_NAMES)('%s', async (name) => {
    const { network, likelihood, x } = modelOf(name);
    const width = widestSite(network);
    for (const columns of [1, 2, 3]) {
      const budget = Math.max(width * columns * 5, 5 * 25);
      for (const estimator of ['exact', 'type1', 'rademacher'] as const) {
        const seen = new Watched();
        const options = { estimator, populationSize: x.shape[0], batch: 5, budget } as const;
        await estimateDiagonal(seen.engine, network, likelihood, sourceOf(x), options);
        // Two columns at least where Gram matrices are formed.
        expect(seen.largest).toBeLessThanOrEqual(Math.max(budget, 2 * width));
      }
    }
  });
});

/** The small engine, remembering the largest value that depends on the examples of any graph that it compiled. */
class Watched {
  largest = 0;
  readonly engine: Engine;

  constructor() {
    const inner = createSmallEngine();
    this.engine = {
      name: inner.name,
      build: inner.build,
      copies: inner.copies,
      convolves: inner.convolves,
      store: () => inner.store(),
      dispose: () => inner.dispose(),
      compile: (graph: Graph, options) => {
        for (const { value } of [...graph.inputs, ...graph.outputs]) {
          if (value.shape.every((d) => typeof d === 'number')) continue;
          this.largest = Math.max(this.largest, sizeOf(concrete(value.shape, options.maxBatch)));
        }
        return inner.compile(graph, options);
      },
    };
  }
}
