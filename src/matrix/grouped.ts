/**
 * @module matrix/grouped
 *
 * A Fisher with the sums of its arrays by group of examples, `groups/…` [B, …] beside each array and `groups/examples` [B] (`groups/weight`
 * where examples are weighted): the matrix that any of the groups give, which is what a jackknife asks for. Groups of the inputs of weighted
 * visits have `groups/drawn/…` and `groups/taken/…` beside each array, `groups/inputs` and `groups/share` (matrix/visited-groups). Arrays without groups, such as
 * bases of EKFAC, are the same in all. Rows of a Gram form lie by example, so that its groups are stretches of them.
 */
import { FimError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { BlockMatrix } from './block-matrix.js';
import type { KroneckerDamping } from './blocks/kronecker.js';
import { matrixOf } from './from-arrays.js';
import type { Arrays, FisherRecord } from './record.js';
import { countsOf, visitedFactors, type VisitedGroups } from './visited-groups.js';

const PREFIX = 'groups/';

/** What does not depend on the examples. */
const BASIS = /\/basis_[AG]$/;
/** Rows by example. */
const ROWS = /^gram\//;
const COLUMNS = 'gram/columns';

/** A Fisher, and that of any of its groups of examples. */
export class GroupedFisher {
  /** Of all examples. */
  readonly whole: BlockMatrix;
  /** Examples of each group [B]; empty where none are told apart. */
  readonly counts: Float64Array;
  private readonly weight: Float64Array;
  /** Of weighted visits, where groups are of inputs. */
  private readonly visited: VisitedGroups | null;
  /** Names of the arrays that the matrix is made of. */
  private readonly used: readonly string[];

  /**
   * Of named arrays. Throws `matrix/groups` for groups of other sizes.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/array`,
   * `matrix/cover`, `matrix/record`, `matrix/rows`
   */
  constructor(
    /** By name. */
    readonly arrays: Arrays,
    /** What it is over, and how it is held. */
    readonly record: FisherRecord,
    private readonly damping: KroneckerDamping = 'exact',
  ) {
    const used = new Set<string>();
    const noting = {
      has: (name: string) => arrays.has(name),
      get: (name: string) => arrays.get(used.add(name) && name),
    };
    this.whole = matrixOf(noting, record, damping);
    this.used = [...used];
    const numbers = (name: string): Float64Array | null => {
      const found = arrays.get(`${PREFIX}${name}`);
      return found ? Float64Array.from(found.data as ArrayLike<number>) : null;
    };
    this.visited = visitedOf(numbers('examples'), numbers('inputs'), numbers('share'));
    const apart = this.used.every(
      (name) => BASIS.test(name) || ROWS.test(name) || this.prefixes.every((p) => arrays.has(`${p}${name}`)),
    );
    const counts = this.visited ? countsOf(this.visited) : numbers('examples');
    this.counts = (apart ? counts : null) ?? new Float64Array(0);
    this.weight = numbers('weight') ?? this.counts;
    if (this.counts.length > 0) for (const name of this.used) this.check(name);
  }

  /**
   * The matrix of the examples of some groups.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/array`,
   * `matrix/cover`, `matrix/record`, `matrix/rows`, `tensor/size`
   */
  of(groups: readonly number[]): BlockMatrix {
    const { arrays, weight, visited } = this;
    const factors = visited && visitedFactors(visited, groups);
    const all = groups.reduce((sum, g) => sum + weight[g], 0);
    const means = new Map<string, Tensor>();
    for (const name of this.used) {
      const whole = arrays.get(name) as Tensor;
      if (ROWS.test(name)) {
        means.set(name, name === COLUMNS ? whole : this.rowsOf(whole, groups));
        continue;
      }
      if (factors) {
        const [drawn, taken] = this.prefixes.map((p) => arrays.get(`${p}${name}`) as Tensor);
        const both = sumOf([drawn, taken], [factors.drawn, factors.taken], groups, whole.data.length);
        means.set(name, tensor('float64', whole.shape, both));
        continue;
      }
      const sums = arrays.get(`${PREFIX}${name}`);
      means.set(name, sums ? meanOf(whole, sums, groups, all) : whole);
    }
    return matrixOf(means, this.record, this.damping);
  }

  /**
   * The matrix where the sums of some groups have moved by `factor` times what tells those of `other` from them, a Fisher of the same form over
   * the same groups. Undefined for rows of examples and groups of inputs.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/array`,
   * `matrix/cover`, `matrix/record`, `matrix/rows`, `tensor/size`
   */
  moved(other: GroupedFisher, groups: readonly number[], factor: number): BlockMatrix {
    const { arrays, weight } = this;
    const all = weight.reduce((sum, w) => sum + w, 0);
    const means = new Map<string, Tensor>();
    for (const name of this.used) {
      const whole = arrays.get(name) as Tensor;
      const own = arrays.get(`${PREFIX}${name}`);
      const others = other.arrays.get(`${PREFIX}${name}`);
      if (!own || !others) {
        means.set(name, whole);
        continue;
      }
      const size = whole.data.length;
      const change = sumOf([others, own], [factor / all, -factor / all], groups, size);
      for (let i = 0; i < size; i++) change[i] += (whole.data as ArrayLike<number>)[i];
      means.set(name, tensor('float64', whole.shape, change));
    }
    return matrixOf(means, this.record, this.damping);
  }

  /** Rows of the examples of some groups. */
  private rowsOf({ shape, data }: Tensor, groups: readonly number[]): Tensor {
    const examples = this.counts.reduce((sum, n) => sum + n, 0);
    const each = data.length / examples;
    const ends = [...this.counts].map(
      (
        (at) => (n: number) =>
          (at += n)
      )(0),
    );
    const parts = groups.map((g) =>
      (data as Float64Array).subarray((ends[g] - this.counts[g]) * each, ends[g] * each),
    );
    const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return tensor('float64', [out.length / shape[1], shape[1]], out);
  }

  /** What stands before the name of an array in those of its sums. */
  private get prefixes(): readonly string[] {
    return this.visited ? [`${PREFIX}drawn/`, `${PREFIX}taken/`] : [PREFIX];
  }

  private check(name: string): void {
    if (ROWS.test(name)) return;
    const size = (this.arrays.get(name) as Tensor).data.length;
    for (const prefix of this.prefixes) {
      const sums = this.arrays.get(`${prefix}${name}`);
      if (!sums || sums.data.length === this.counts.length * size) continue;
      throw new FimError({
        code: 'matrix/groups',
        where: `${prefix}${name}`,
        rule: `has ${this.counts.length} × ${size} numbers, the sums of ${name} by group`,
        got: String(sums.data.length),
      });
    }
  }
}

function visitedOf(
  drawn: Float64Array | null,
  inputsOf: Float64Array | null,
  share: Float64Array | null,
): VisitedGroups | null {
  if (!drawn || !inputsOf || !share) return null;
  const inputs = inputsOf.reduce((sum, n) => sum + n, 0);
  return { population: 'distribution', inputs, drawn, inputsOf, share };
}

/** Sums over some groups of several arrays [B, size], each times its factor. */
function sumOf(
  all: readonly Tensor[],
  factors: readonly number[],
  groups: readonly number[],
  size: number,
): Float64Array {
  const out = new Float64Array(size);
  all.forEach(({ data }, k) => {
    const from = data as ArrayLike<number>;
    for (const g of groups)
      for (let i = 0, at = g * size; i < size; i++, at++) out[i] += factors[k] * from[at];
  });
  return out;
}

function meanOf(whole: Tensor, sums: Tensor, groups: readonly number[], all: number): Tensor {
  const size = whole.data.length;
  const from = sums.data as ArrayLike<number>;
  const out = new Float64Array(size);
  for (const g of groups) for (let i = 0, at = g * size; i < size; i++, at++) out[i] += from[at];
  return tensor(
    'float64',
    whole.shape,
    out.map((v) => v / all),
  );
}
