/** Laws of scale: data twice give the same, four times the draws half the label error, σ² twice half the matrix, for every form and estimator. */
import { describe, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { modelOf } from '../../../../test/fisher/networks.js';
import { tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { getLikelihood } from '../../../likelihood/index.js';
import { basesOf } from './basis.js';
import { estimateLayers, type LayersOptions } from './layers.js';

const engine = createSmallEngine();
const FORMS = ['unit', 'block', 'kfac', 'ekfac'] as const;
const MODELS = ['dense categorical', 'dense bernoulli', 'dense gaussian'] as const;

describe.each(MODELS)('%s', (name) => {
  const { network, likelihood, x } = modelOf(name);
  const n = x.shape[0];
  const T = network.h.shape[1] as number;
  const label = (i: number) => (likelihood.name === 'categorical' ? i % T : i % 2);
  const shape = likelihood.name === 'categorical' ? [n] : [n, T];
  const values = Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => label(i));
  const dtype = likelihood.name === 'categorical' ? 'int32' : 'float64';
  const y = tensor(dtype, shape, (dtype === 'int32' ? Int32Array.from(values) : values) as never);
  const targets = likelihood.readTargets(y, n, T);

  it.each(
    FORMS.flatMap((f) =>
      (['exact', 'type1', 'rademacher', 'empirical'] as const).map((e) => [f, e] as const),
    ),
  )('%s, %s', async (form, estimator) => {
    const options: LayersOptions = {
      estimator,
      targets,
      labels: 2,
      populationSize: n,
      formOf: () => form,
      seed: 3,
    };
    const run = (more: Partial<LayersOptions> = {}, rows = sourceOf(x), law = likelihood) =>
      estimateLayers(engine, network, law, rows, { ...options, ...more });
    const bases = form === 'ekfac' ? { bases: basesOf(await run({ estimator: 'exact' })) } : {};
    const one = await run(bases);
    if (estimator === 'exact' || estimator === 'empirical') {
      const twice = [...Array.from({ length: n }, (_, i) => i), ...Array.from({ length: n }, (_, i) => i)];
      const both = await run(bases, sourceOf(x, twice));
      one.arrays.forEach((a, i) => {
        expectClose(both.arrays[i].value, a.value, 1e-12, a.name);
        const factor = Math.sqrt((n - 1) / (2 * n - 1));
        expectClose(
          both.arrays[i].dataError,
          (a.dataError as Float64Array).map((v) => factor * v),
          1e-6,
          a.name,
        );
      });
    } else {
      const more = await run({ ...bases, labels: 8 });
      one.arrays.forEach((a, i) => {
        if (a.labelError)
          expectClose(
            more.arrays[i].labelError,
            a.labelError.map((v) => v / 2),
            1e-9,
            a.name,
          );
      });
    }
    if (likelihood.name !== 'gaussian' || estimator === 'empirical') return;
    // Of variance 4; twice that is half of it.
    const half = await run(bases, sourceOf(x), getLikelihood('gaussian', { variance: 8 }));
    one.arrays.forEach((a, i) => {
      const factor = a.name.endsWith('/A') ? 1 : 0.5;
      expectClose(
        half.arrays[i].value,
        a.value.map((v) => factor * v),
        1e-12,
        a.name,
      );
    });
  });
});
