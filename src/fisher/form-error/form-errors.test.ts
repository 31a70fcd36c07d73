import { describe, expect, it } from 'vitest';
import { range, sourceOf } from '../../../test/fisher/examples.js';
import { denseError, denseLayers, pairedSquare } from '../../../test/fisher/form-error-reference.js';
import { firstRows, model, type Model, MODEL_NAMES, modelOf } from '../../../test/fisher/networks.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { N, ops as b } from '../../graph/index.js';
import { getLikelihood } from '../../likelihood/index.js';
import { COMPARED_FORMS } from './forms.js';
import { formErrors } from './form-errors.js';

const engine = createSmallEngine();

/** Two groups of [3, 2] at four positions, with a lone scale and shift. */
const grouped = (): Model =>
  model(
    'grouped',
    getLikelihood('categorical'),
    [N, 2, 2, 4],
    { W: [2, 3, 2], s: [2, 3, 1], b: [2, 3, 1], V: [6, 3] },
    (x, p) => {
      const z = b.tanh(b.add(b.mul(b.matmul(p.W, x), p.s), p.b));
      return b.matmul(b.reshape(b.reduceSum(z, [3]), [N, 6]), p.V);
    },
    0.7,
  );

const MODELS: [string, () => Model][] = [
  ...MODEL_NAMES.map((name): [string, () => Model] => [name, () => modelOf(name)]),
  ['grouped', grouped],
];

describe('the examples as the population', () => {
  it.each(MODELS)('%s: every form of every layer, as by dense matrices', async (_, make) => {
    const { network, likelihood, x } = firstRows(make(), 9);
    const result = await formErrors(engine, network, likelihood, sourceOf(x), {
      population: 'data',
      populationSize: 9,
    });
    const dense = await denseLayers(engine, network, likelihood, sourceOf(x));
    expect(result.layers.map((l) => l.name)).toEqual(dense.map((d) => d.layer.name));
    expect(result.certain).toBe(true);
    result.layers.forEach(({ forms }, l) => {
      for (const form of COMPARED_FORMS) {
        const { error, standardError } = forms[form]!;
        const want = form === 'block' ? 0 : denseError(dense[l], form);
        // Of a difference of squares, whose rounding is that of ‖F‖².
        expect(Math.abs(error! ** 2 - want ** 2), `${form}, layer ${l}`).toBeLessThan(1e-12);
        if (want > 1e-3) expect(Math.abs(error! - want), `${form}, layer ${l}`).toBeLessThan(1e-9);
        expect(standardError).toBe(0);
      }
    });
  });
});

/** Eigenvectors are determined where the examples that they are of are as many as the inputs. */
const determined = (dense: Awaited<ReturnType<typeof denseLayers>>[number], most: number): boolean =>
  dense.layer.parts.every((p) => p.kind === 'rows' || p.inputs <= most);

describe('examples of a distribution', () => {
  it.each(MODELS)('%s: as by loops over pairs of different examples', async (_, make) => {
    const n = 12;
    const { network, likelihood, x } = firstRows(make(), n);
    const result = await formErrors(engine, network, likelihood, sourceOf(x), { populationSize: n });
    const dense = await denseLayers(engine, network, likelihood, sourceOf(x));
    let judged = 0;
    result.layers.forEach(({ forms }, l) => {
      for (const form of COMPARED_FORMS) {
        if (form === 'block' || (form === 'ekfac' && !determined(dense[l], 6))) continue;
        const want = pairedSquare(dense[l], form, range(n));
        const { error, standardError } = forms[form]!;
        expect(Math.abs(error! ** 2 - Math.max(0, want)), `${form}, layer ${l}`).toBeLessThan(1e-9);
        expect(standardError).toBeNull();
        judged += want > 0 ? 1 : 0;
      }
    });
    expect(judged).toBeGreaterThan(1);
  });
});

it('seconds are operations over all data at the rate of the passes', async () => {
  const { network, likelihood, x } = modelOf('dense categorical');
  let clock = 0;
  const { layers } = await formErrors(engine, network, likelihood, sourceOf(x), {
    examples: 8,
    populationSize: 1000,
    now: () => (clock += 2),
  });
  // W1 [3 + 1, 4] and W2 [4 + 1, 3] with three columns: 2(1 + 3)·16 and ·15 operations an example for the scores, in two seconds.
  const rate = (8 * (128 + 120)) / 2;
  const factors = 2 * (4 ** 2 + 3 * 4 ** 2);
  expect(layers[0].forms.kfac!.seconds).toBeCloseTo((1000 * (128 + factors)) / rate, 9);
  expect(layers[0].forms.diagonal!.seconds).toBeCloseTo((1000 * (128 + 2 * 3 * 4 + 2 * 16)) / rate, 9);
});
