/**
 * @module fim
 *
 * The Fisher information of any network, with error bars. This is the short way in; the floors have subpaths of their own
 * (`fim/graph`, `fim/engine`, `fim/likelihood`, `fim/model`, `fim/fisher`, …). In browsers the same names come from doors/browser, on
 * bytes in place of paths.
 */
import { estimate as withWriter } from './doors/estimate.js';
import { writeArrays } from './disk/index.js';
import type {
  Dataset,
  DiagonalEstimate,
  EstimateOptions,
  FormEstimate,
  FormRequest,
  Likelihood,
  Network,
} from './doors/common.js';

export * from './doors/common.js';
export { loadDataset, loadDigits, openDataset, openNetwork, readArrays, writeArrays } from './disk/index.js';

/**
 * The diagonal of the Fisher information matrix, mean over examples, sum over outputs, with the standard error of every number: the same
 * engine, checks and numbers as `fim estimate`. Makes an engine of the right size, uses it and gives it back; to keep one,
 * see `runEstimate` here and `createEngine` in `fim/engine`.
 *
 * Throws `data/targets`, `model/probabilities`, `model/examples-coupled` and what `runEstimate` throws.
 *
 * @example
 * ```ts
 * import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
 *
 * // h = w·x + b with Gaussian noise of variance 2: the Fisher is E x²/2 for w and 1/2 for b.
 * const network = denseNetwork({ widths: [1, 1], dtype: 'float64' });
 * const x = tensor('float64', [3, 1], [1, 2, 3]);
 * const dataset = makeDataset({ source: 'three points', inputs: new Map([['x', x]]) });
 * const { trace } = await estimate(network, getLikelihood('gaussian', { variance: 2 }), dataset);
 * console.log(trace.value.toFixed(4)); // 2.8333
 * console.log(trace.labelError); // 0
 * ```
 */
export function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options?: EstimateOptions & { readonly form?: 'diagonal' },
): Promise<DiagonalEstimate>;
/**
 * The same in another form, as a matrix to compute with: products, solves, determinants, eigenpairs, draws; `save` writes it to the disk.
 *
 * @example
 * ```ts
 * import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
 *
 * const network = denseNetwork({ widths: [1, 1], dtype: 'float64' });
 * const x = tensor('float64', [3, 1], [1, 2, 3]);
 * const dataset = makeDataset({ source: 'three points', inputs: new Map([['x', x]]) });
 * const gaussian = getLikelihood('gaussian', { variance: 2 });
 * const fisher = await estimate(network, gaussian, dataset, { form: 'kfac' });
 * console.log(fisher.layout.map(({ name }) => name)); // [ 'fc1.weight', 'fc1.bias' ]
 * console.log((await fisher.quadratic(Float64Array.of(1, 0))).toFixed(4)); // 2.3333
 * ```
 */
export function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options: EstimateOptions & FormRequest,
): Promise<FormEstimate>;
/** Either. */
export function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options: EstimateOptions & Partial<FormRequest> = {},
): Promise<DiagonalEstimate | FormEstimate> {
  return withWriter(network, likelihood, dataset, { write: writeArrays, ...options } as EstimateOptions &
    FormRequest);
}
