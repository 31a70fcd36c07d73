/**
 * @module fisher/forms/layers/estimate
 *
 * Second moments by layer from their sums: the value of every element and its errors, label and data apart where they can be told (stats/errors).
 */
import { sizeOf } from '../../../core/tensor.js';
import { closedFormErrors, type ErrorDesign, sampledErrors } from '../../../stats/errors.js';
import { requireExamples } from '../../checks.js';
import type { Counts } from '../../counts.js';
import type { ErrorSource, Estimator, GroupSums, Population } from '../../estimate.js';
import type { DiagonalSums } from '../diagonal/sums.js';
import type { TensorSums } from '../diagonal/tensor-sums.js';
import { type FormedLayer, isOfInputs, type LayerItem } from './items.js';
import { unpacked } from './packing.js';
import type { Sharing } from '../../../scores/score.js';

/** An array of second moments [groups, d, d] with the errors of its elements, each of its shape. */
export interface LayerArray {
  /** `kfac/fc1.weight/A`. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Mean over the examples [shape]. */
  readonly value: Float64Array;
  /** From the draws [shape]; null where nothing is drawn into it, or one draw cannot tell. */
  readonly labelError: Float64Array | null;
  /** From the examples [shape]; null where it cannot be told apart. */
  readonly dataError: Float64Array | null;
  /** Of both together [shape]; null where errors were not asked for, or one example has no spread. */
  readonly standardError: Float64Array | null;
}

/** Estimate of a form that goes by layers: mean over examples, sum over outputs. */
export interface LayersEstimate {
  /** Second moments by layer. */
  readonly form: 'layers';
  /** Multiply one factor of each product by N for a sum over N examples. */
  readonly scale: 'mean over examples, sum over outputs';
  /** How it was estimated. */
  readonly estimator: Estimator;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Examples that went in. */
  readonly examples: number;
  /** How positions that share a weight make its factors. */
  readonly sharing: Sharing;
  /** What is kept of each layer. */
  readonly layers: readonly FormedLayer[];
  /** In the order of the layers. */
  readonly arrays: readonly LayerArray[];
  /** Sums of the values by group of examples; absent where none are kept. */
  readonly groupSums?: GroupSums;
  /** Ended by the signal: over the examples so far. */
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** What the figures depend on beside the sums. */
export interface LayersDecided {
  readonly estimator: Estimator;
  readonly labels: number;
  readonly error: ErrorSource;
  readonly population: Population;
  readonly populationSize: number;
  readonly sharing: Sharing;
  /** Whether elements have errors. */
  readonly errors: boolean;
}

/** The estimate, from sums that stay as they are. Throws `fisher/no-examples`. */
export function layersOfSums(
  sums: DiagonalSums,
  counts: Counts,
  { layers, items }: { readonly layers: readonly FormedLayer[]; readonly items: readonly LayerItem[] },
  decided: LayersDecided,
  interrupted: boolean,
): LayersEstimate {
  const { estimator, labels, error, population, populationSize, sharing, errors } = decided;
  const n = counts.examples;
  requireExamples(n, interrupted, 'Fisher by layers');
  const fraction = population === 'data' ? Math.min(1, n / populationSize) : 0;
  const design: ErrorDesign = { examples: n, draws: Math.max(1, labels), fraction };
  const arrays = items.map((item) => {
    const value = sums.value.tensors.get(item.name) as TensorSums;
    const spread = sums.spread.tensors.get(item.name) as TensorSums;
    const of = { name: item.name, shape: item.shape, value: unpacked(item, Float64Array.from(value.f.mean)) };
    if (!errors) return { ...of, labelError: null, dataError: null, standardError: null };
    return { ...of, ...errorsOf(item, spread, isOfInputs(item) ? 'none' : error, design) };
  });
  return {
    form: 'layers',
    scale: 'mean over examples, sum over outputs',
    ...{ estimator, labels, error, examples: n, sharing, layers, arrays, interrupted, notes: [] },
  };
}

function errorsOf(
  item: LayerItem,
  spread: TensorSums,
  error: ErrorSource,
  design: ErrorDesign,
): Pick<LayerArray, 'labelError' | 'dataError' | 'standardError'> {
  const s2 = spread.f.sampleVariance();
  const labels = spread.labelSums();
  const size = s2.length;
  const [label, data, total] = [0, 1, 2].map(() => new Float64Array(size));
  const known = { label: !isOfInputs(item), data: true, total: true };
  for (let i = 0; i < size; i++) {
    const v =
      error === 'sampled'
        ? sampledErrors(s2[i], labels[i] / design.examples, design)
        : closedFormErrors(error === 'none' ? 0 : labels[i], s2[i], design);
    known.label &&= v.label !== null;
    known.data &&= v.data !== null;
    known.total &&= v.total !== null;
    label[i] = Math.sqrt(Math.max(0, v.label ?? 0));
    data[i] = Math.sqrt(v.data ?? 0);
    total[i] = Math.sqrt(Math.max(0, v.total ?? 0));
  }
  const dataError = known.data ? unpacked(item, data) : null;
  // Without an error of labels the two are one array: factors of wide layers are large.
  const one = dataError !== null && known.total && total.every((x, i) => x === data[i]);
  return {
    labelError: known.label ? unpackedErrors(item, label) : null,
    dataError,
    standardError: one ? dataError : known.total ? unpacked(item, total) : null,
  };
}

/** Zeros are left as they are allotted, which takes no memory. */
const unpackedErrors = (item: LayerItem, packed: Float64Array): Float64Array =>
  packed.every((x) => x === 0) ? new Float64Array(sizeOf(item.shape)) : unpacked(item, packed);

/** Sums of groups in the shapes of the items. */
export const unpackedGroups = (sums: GroupSums, items: readonly LayerItem[]): GroupSums => ({
  ...sums,
  tensors: new Map(
    items.flatMap((item) => {
      const own = sums.tensors.get(item.name);
      return own ? [[item.name, unpacked(item, own)] as const] : [];
    }),
  ),
});
