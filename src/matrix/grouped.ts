/**
 * @module matrix/grouped
 *
 * A Fisher with the sums of its arrays by group of examples, `groups/…` [B, …] beside each array and `groups/examples` [B] (`groups/weight`
 * where examples are weighted): the matrix that any of the groups give, which is what a jackknife asks for. Arrays without groups, such as
 * bases of EKFAC, are the same in all.
 */
import { FimError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { BlockMatrix } from './block-matrix.js';
import type { KroneckerDamping } from './blocks/kronecker.js';
import { matrixOf } from './from-arrays.js';
import type { Arrays, FisherRecord } from './record.js';

const PREFIX = 'groups/';

/** What does not depend on the examples. */
const BASIS = /\/basis_[AG]$/;

/** A Fisher, and that of any of its groups of examples. */
export class GroupedFisher {
  /** Of all examples. */
  readonly whole: BlockMatrix;
  /** Examples of each group [B]; empty where none are told apart. */
  readonly counts: Float64Array;
  private readonly weight: Float64Array;
  /** Names of the arrays that the matrix is made of. */
  private readonly used: readonly string[];

  /**
   * Of named arrays. Throws `matrix/groups` for groups of other sizes.
   * @throws FimError with `matrix/array`, `matrix/cover`
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
    const apart = this.used.every((name) => BASIS.test(name) || arrays.has(`${PREFIX}${name}`));
    this.counts = (apart ? numbers('examples') : null) ?? new Float64Array(0);
    this.weight = numbers('weight') ?? this.counts;
    if (this.counts.length > 0) for (const name of this.used) this.check(name);
  }

  /**
   * The matrix of the examples of some groups.
   * @throws FimError with `matrix/array`, `matrix/cover`, `tensor/size`
   */
  of(groups: readonly number[]): BlockMatrix {
    const { arrays, weight } = this;
    const all = groups.reduce((sum, g) => sum + weight[g], 0);
    const means = new Map<string, Tensor>();
    for (const name of this.used) {
      const whole = arrays.get(name) as Tensor;
      const sums = arrays.get(`${PREFIX}${name}`);
      means.set(name, sums ? meanOf(whole, sums, groups, all) : whole);
    }
    return matrixOf(means, this.record, this.damping);
  }

  private check(name: string): void {
    const sums = this.arrays.get(`${PREFIX}${name}`);
    const size = (this.arrays.get(name) as Tensor).data.length;
    if (!sums || sums.data.length === this.counts.length * size) return;
    throw new FimError({
      code: 'matrix/groups',
      where: `${PREFIX}${name}`,
      rule: `has ${this.counts.length} × ${size} numbers, the sums of ${name} by group`,
      got: String(sums.data.length),
    });
  }
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
