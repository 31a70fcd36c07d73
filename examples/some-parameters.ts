/**
 * Some of the parameters, by globs
 *
 * `parameters` and `freeze` take globs of names. Totals then cover that subset and nothing else changes: the trace of the last
 * layer's weight alone is the one it has in the whole network.
 */
import { denseNetwork, estimate, getLikelihood, loadNetwork, makeDataset, networkToOnnx, tensor } from 'fim';

const n = 100;
const x = Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i));
const dataset = makeDataset({
  source: 'sines',
  inputs: new Map([['x', tensor('float64', [n, 3], x)]]),
});
const likelihood = getLikelihood('categorical');

// The bytes of a file; an exporter's would do as well.
const bytes = networkToOnnx(denseNetwork({ widths: [3, 8, 4], seed: 2, dtype: 'float64' }), likelihood);

const load = (choice: { parameters?: string[]; freeze?: string[] }) =>
  loadNetwork(bytes, { dtype: 'float64', likelihood: 'categorical', ...choice }).network;

export const whole = await estimate(load({}), likelihood, dataset, { estimator: 'exact' });
export const last = await estimate(load({ parameters: ['fc2.*'], freeze: ['*.bias'] }), likelihood, dataset, {
  estimator: 'exact',
});
