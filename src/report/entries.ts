/**
 * @module report/entries
 *
 * Summarises arrays of entries for a page: a summary of each tensor, the distribution of the relative error
 * ε_i = standardError_i / value_i over parameters, and the parameters that the data say most and least about (by the upper end of an entry's interval).
 * Exact zeros (an input that is always 0, say) have no relative error; they are counted, not plotted.
 * Cost: one pass, and one sort of the relative errors.
 */
import { FimError } from '../core/errors.js';
import { coveringInterval } from '../stats/peaks.js';

/** One tensor's diagonal, each array of the tensor's size. */
export interface TensorEntries {
  /** Name of the parameter. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** The diagonal. */
  readonly value: ArrayLike<number>;
  /** Null where unknown, as the parts may be where only the total is known. */
  readonly standardError: ArrayLike<number> | null;
  /** Standard error from sampled labels; null where unknown. */
  readonly labelError: ArrayLike<number> | null;
  /** Standard error from the examples; null where unknown. */
  readonly dataError: ArrayLike<number> | null;
}

/** Least, middle and largest of an array. */
export interface Spread {
  /** Smallest. */
  readonly least: number;
  /** Median. */
  readonly median: number;
  /** Largest. */
  readonly most: number;
}

/** The diagonal of one tensor in a few numbers. */
export interface TensorSummary {
  /** Name of the parameter. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Entries that are exactly 0. */
  readonly zeros: number;
  /** Of the diagonal. */
  readonly value: Spread;
  /** Of its standard error from sampled labels. */
  readonly labelError: Spread | null;
  /** Of its standard error from the examples. */
  readonly dataError: Spread | null;
  /** Median of the relative error over entries that are not 0. */
  readonly medianRelativeError: number | null;
}

/** One entry of one tensor. */
export interface InformedEntry {
  /** Name of the parameter. */
  readonly tensor: string;
  /** Index in its shape. */
  readonly index: readonly number[];
  /** The entry of the diagonal. */
  readonly value: number;
  /** Its standard error; null where unknown. */
  readonly standardError: number | null;
  /** Ends of value ± 1.96·standardError, not below 0; null or absent where the error is unknown. */
  readonly interval?: readonly [number, number] | null;
}

/** Relative errors of all entries that are not 0, in bins. */
export interface RelativeErrors {
  /** Logarithmic bins. */
  readonly edges: readonly number[];
  /** Entries in each bin. */
  readonly counts: readonly number[];
  /** Entries in the bins, and exact zeros outside them. */
  readonly entries: number;
  /** Entries that are exactly 0. */
  readonly zeros: number;
  /** Median relative error. */
  readonly median: number;
  /** Nine tenths of the entries are at least this well known. */
  readonly ninetieth: number;
}

/** The diagonal in a few numbers: by tensor, by relative error, and its largest and smallest entries. */
export interface EntrySummary {
  /** By tensor. */
  readonly tensors: readonly TensorSummary[];
  /** Null where errors are unknown or every entry is 0. */
  readonly relativeErrors: RelativeErrors | null;
  /** The largest of the entries that are not 0. */
  readonly mostInformed: readonly InformedEntry[];
  /** Of the same, those whose intervals end lowest: what is small only because little was seen of it is not among them. */
  readonly leastInformed: readonly InformedEntry[];
  /** Entries that are exactly 0. */
  readonly zeros: number;
}

/**
 * Everything that a page says about single parameters.
 *
 * @throws FimError `report/entries` where an array's length differs from its tensor's.
 */
export function summariseEntries(
  tensors: readonly TensorEntries[],
  options: { bins?: number; extremes?: number } = {},
): EntrySummary {
  const { bins = 48, extremes = 8 } = options;
  const most = new Best(extremes, (a, b) => a > b);
  const least = new Best(extremes, (a, b) => a < b);
  const relative: Float64Array[] = [];
  let known = true;
  const summaries = tensors.map((tensor, t) => {
    check(tensor);
    const errors = new Float64Array(tensor.value.length);
    let zeros = 0;
    let kept = 0;
    for (let i = 0; i < tensor.value.length; i++) {
      const value = tensor.value[i];
      if (value === 0) zeros++;
      else {
        const error = tensor.standardError?.[i] ?? 0;
        most.offer(value, { value, tensor: t, index: i });
        least.offer(coveringInterval(value, error)[1], { value, tensor: t, index: i });
        if (tensor.standardError !== null) errors[kept++] = tensor.standardError[i] / Math.abs(value);
      }
    }
    if (tensor.standardError === null) known = false;
    const own = errors.subarray(0, kept).sort();
    relative.push(own);
    return {
      name: tensor.name,
      shape: tensor.shape,
      zeros,
      value: spreadOf(tensor.value),
      labelError: tensor.labelError && spreadOf(tensor.labelError),
      dataError: tensor.dataError && spreadOf(tensor.dataError),
      medianRelativeError: kept === 0 ? null : quantile(own, 0.5),
    };
  });
  const zeros = summaries.reduce((sum, s) => sum + s.zeros, 0);
  const entry = ({ value, tensor, index }: Candidate): InformedEntry => {
    const { name, shape, standardError: errors } = tensors[tensor];
    const standardError = errors?.[index] ?? null;
    const interval = standardError === null ? null : coveringInterval(value, standardError);
    return { tensor: name, index: unravel(index, shape), value, standardError, interval };
  };
  return {
    tensors: summaries,
    relativeErrors: known ? distribution(relative, bins, zeros) : null,
    mostInformed: most.all.map(entry),
    leastInformed: least.all.map(entry),
    zeros,
  };
}

function check(tensor: TensorEntries): void {
  const size = tensor.shape.reduce((product, d) => product * d, 1);
  for (const array of [tensor.value, tensor.standardError, tensor.labelError, tensor.dataError]) {
    if (array === null || array.length === size) continue;
    throw new FimError({
      code: 'report/entries',
      kind: 'internal',
      where: `entries of ${tensor.name}`,
      rule: `have the tensor's size, ${size}`,
      got: String(array.length),
    });
  }
}

interface Candidate {
  value: number;
  tensor: number;
  index: number;
}

/** The `size` best by a key so far, best first; ties keep the first come. */
class Best {
  private readonly best: { key: number; candidate: Candidate }[] = [];
  constructor(
    private readonly size: number,
    private readonly better: (a: number, b: number) => boolean,
  ) {}

  get all(): Candidate[] {
    return this.best.map(({ candidate }) => candidate);
  }

  offer(key: number, candidate: Candidate): void {
    const { best, size, better } = this;
    if (best.length === size && (size === 0 || !better(key, best[size - 1].key))) return;
    let at = best.length;
    while (at > 0 && better(key, best[at - 1].key)) at--;
    best.splice(at, 0, { key, candidate });
    if (best.length > size) best.pop();
  }
}

function unravel(index: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}

/** Linear interpolation between order statistics. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

function spreadOf(values: ArrayLike<number>): Spread {
  if (values.length === 0) return { least: NaN, median: NaN, most: NaN };
  const sorted = Float64Array.from(values).sort();
  return { least: sorted[0], median: quantile(sorted, 0.5), most: sorted[sorted.length - 1] };
}

/** Logarithmic bins over the middle of the distribution; what lies beyond is counted in the first and last. */
function distribution(parts: readonly Float64Array[], bins: number, zeros: number): RelativeErrors | null {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  all.sort();
  const positive = all.subarray(all.findIndex((x) => x > 0));
  if (all.length === 0 || !(all[all.length - 1] > 0)) return null;
  const low = Math.log10(quantile(positive, 0.001));
  const high = Math.log10(quantile(positive, 0.999));
  const width = Math.max((high - low) / bins, 0.005);
  const middle = (low + high) / 2;
  const start = middle - (width * bins) / 2;
  const counts = new Array<number>(bins).fill(0);
  for (const x of all) counts[Math.min(bins - 1, Math.max(0, Math.floor((Math.log10(x) - start) / width)))]++;
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => 10 ** (start + i * width)),
    counts,
    entries: all.length,
    zeros,
    median: quantile(all, 0.5),
    ninetieth: quantile(all, 0.9),
  };
}
