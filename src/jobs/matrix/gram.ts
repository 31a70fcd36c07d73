/**
 * @module jobs/matrix/gram
 *
 * Rows of the Fisher as named arrays beside the estimate of the diagonal, over the same uniform visits and with the same draws.
 */
import { tensor, type Tensor, zeros } from '../../core/tensor.js';
import { isEstimator } from '../../fisher/estimate.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type GramRows, gramRows } from '../../fisher/gram/gram.js';
import type { LayerRecord } from '../../matrix/index.js';
import { askedRoot } from '../asked-root.js';
import { groupedSource, groupsFor } from '../grouped.js';
import type { EstimateListener, EstimateRequest, EstimateSubject } from '../request.js';
import { refuseWeights } from './implicit.js';
import { weighingOf } from '../weighing.js';
import { turn } from '../yielding.js';

/** Arrays and layers as a file has them. */
export interface GramMade {
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly layers: readonly LayerRecord[];
  readonly interrupted: boolean;
  readonly examples: number;
}

/** The rows. Throws `matrix/weights`, and what `gramRows` throws. */
export async function gramBeside(
  given: EstimateSubject,
  diagonal: Pick<
    DiagonalEstimate,
    'estimator' | 'labels' | 'exactPairs' | 'seed' | 'examples' | 'tensors' | 'groupSums'
  >,
  request: Pick<EstimateRequest, 'order' | 'root' | 'classWeights' | 'batch' | 'memory'>,
  { signal, step }: Pick<EstimateListener, 'signal'> & { step?(share: number): void } = {},
): Promise<GramMade> {
  const { engine, network, likelihood, dataset, targets = null } = given;
  refuseWeights(dataset);
  const { seed, examples, estimator, labels, exactPairs } = diagonal;
  const order = request.order ?? 'seed';
  const count = order === 'seed' ? ROW_GROUPS : 0;
  const subject = { ...given, weighing: weighingOf(dataset) };
  const source = groupedSource(subject, { order, seed, groupSums: count }, examples);
  const { batch = 256, memory } = request;
  const root = await askedRoot(subject, { root: request.root, estimator, seed, memory });
  const rows = await gramRows(engine, network, likelihood, source, {
    estimator: isEstimator(estimator) ? estimator : 'exact',
    ...{ labels: Math.max(1, labels), exactPairs, seed, examples },
    ...(root ? { root } : {}),
    ...(request.classWeights ? { classWeights: request.classWeights } : {}),
    ...(targets ? { targets } : {}),
    batch,
    memory,
    pause: turn,
    ...(signal ? { signal } : {}),
    onBatch: (done) => step?.(done / examples),
  });
  const { interrupted, examples: made } = rows;
  return withGroups({ ...rowArrays(rows, diagonal.tensors), interrupted, examples: made }, diagonal, order);
}

/** Groups of rows kept where nothing is said of them. */
const ROW_GROUPS = groupsFor(1);

/** The rows with the number of examples in each of their groups; in the order of the file those are no stretches of the rows. */
export function withGroups(
  made: GramMade,
  { groupSums }: Pick<DiagonalEstimate, 'groupSums'>,
  order: EstimateRequest['order'],
): GramMade {
  if (order === 'file') return made;
  const counts = countsOf(groupSums?.examples, ROW_GROUPS, made.examples);
  const examples = tensor('float64', [counts.length], counts);
  return { ...made, arrays: new Map([...made.arrays, ['groups/examples', examples]]) };
}

/** The array that says how many columns an example has. */
export const COLUMNS = 'gram/columns';

/** Examples of each stretch of the visits: those of the diagonal's groups, or of equal size. */
function countsOf(known: ArrayLike<number> | undefined, count: number, examples: number): Float64Array {
  const own = Float64Array.from(known ?? []);
  if (own.length > 0 && own.reduce((s, n) => s + n, 0) === examples) return own;
  const edge = (g: number): number => Math.round((g * examples) / count);
  return Float64Array.from({ length: count }, (_, g) => edge(g + 1) - edge(g));
}

/** Rows as arrays, layers that have none as diagonals of zeros. */
export function rowArrays(
  { layers, columns, examples }: GramRows,
  parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Pick<GramMade, 'arrays' | 'layers'> {
  const arrays = new Map<string, Tensor>([[COLUMNS, tensor('float64', [1], Float64Array.of(columns))]]);
  for (const { weight, inputs, rows, width } of layers) {
    const name = inputs ? `gram/${weight}/G` : `gram/${weight}`;
    arrays.set(name, tensor('float64', [examples * columns, width], rows));
    if (inputs)
      arrays.set(`gram/${weight}/A`, tensor('float64', [examples, inputs.length / examples], inputs));
  }
  const held = new Set(layers.flatMap(({ weight, bias }) => [weight, bias]));
  const rest = parameters.filter(({ name }) => !held.has(name));
  for (const { name, shape } of rest) arrays.set(`diagonal/${name}`, zeros('float64', [...shape]));
  const own = layers.map(({ weight, bias, matrix }): LayerRecord => ({
    ...{ name: weight, form: 'gram', weight, bias, transposed: matrix?.transposed ?? true },
    ...{ out: matrix?.outputs ?? null, in: matrix?.inputs ?? null, groups: matrix?.groups ?? 1 },
  }));
  const none = rest.map(({ name }): LayerRecord => ({ name, form: 'diagonal', weight: name, bias: null }));
  return { arrays, layers: [...own, ...none] };
}
