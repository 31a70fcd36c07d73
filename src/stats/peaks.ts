/**
 * @module stats/peaks
 *
 * Peaks of a mean, its largest terms along the rows and columns of a tensor (core/matrix-shape), give the errors that cover its entries. The
 * spread of an entry that a few terms carry is far too small over a sample that missed them, 0 at worst; but an entry o, i of a weight has
 * terms g_o² a_i², so that its row and its column have seen what it has not:
 *
 *   SE_c,oi² = v_oi + r_o c_i,     r_o = max over the n terms j and over i of |y_j,oi| / n,  c_i likewise over o
 *
 * with v the variance estimate. Where r_o or c_i is 0 the tensor's largest stands for it, and a tensor without two axes has one column
 * (own term × largest). An entry is then never known exactly because nothing was seen of it. Cost: rows + columns float64 a tensor.
 */
import type { FloatArray } from '../core/tensor.js';
import { matrixShape } from '../core/matrix-shape.js';

/** Of 95 %, two-sided. */
const Z = 1.96;

/** The largest of each row and of each column. */
export interface PeakArrays {
  readonly rows: FloatArray;
  readonly columns: FloatArray;
}

/** Of the absolute terms of a tensor's entries; merges by maximum. */
export class Peaks implements PeakArrays {
  readonly rows: Float64Array;
  readonly columns: Float64Array;

  /** Of no terms yet, or going on with arrays that it changes. */
  constructor(
    shape: readonly number[],
    arrays: { readonly rows?: Float64Array | undefined; readonly columns?: Float64Array | undefined } = {},
  ) {
    const [rows, columns] = matrixShape(shape);
    this.rows = arrays.rows ?? new Float64Array(rows);
    this.columns = arrays.columns ?? new Float64Array(columns);
  }

  /** Those of more terms, `scale` times as large. */
  add({ rows, columns }: PeakArrays, scale = 1): void {
    raise(this.rows, rows, scale);
    raise(this.columns, columns, scale);
  }

  merge(other: Peaks): void {
    this.add(other);
  }

  /** Whether there is one above 0. */
  get any(): boolean {
    return largest(this.rows) > 0;
  }

  /** r and c of a mean whose terms are divided by `divisor`, none of them 0 unless all are: r_o c_i is what covers an entry's variance. */
  covering(divisor: number): PeakArrays {
    const top = largest(this.rows);
    const covered = (x: number) => (x === 0 ? top : x) / divisor;
    return { rows: this.rows.map(covered), columns: this.columns.map(covered) };
  }
}

/** The largest of rows and of columns of an array of a tensor's shape. */
export function peaksOfEntries(shape: readonly number[], entries: FloatArray): Peaks {
  const peaks = new Peaks(shape);
  const width = peaks.columns.length;
  for (let i = 0; i < entries.length; i++) {
    const row = Math.floor(i / width);
    const column = i % width;
    if (!(entries[i] <= peaks.rows[row])) peaks.rows[row] = entries[i];
    if (!(entries[i] <= peaks.columns[column])) peaks.columns[column] = entries[i];
  }
  return peaks;
}

/** Ends of the interval of an entry with its covering error: value ± 1.96·SE, not below 0. */
export function coveringInterval(value: number, standardError: number): readonly [low: number, high: number] {
  return [Math.max(0, value - Z * standardError), Math.max(0, value + Z * standardError)];
}

/** A number that is none stays: it is found with the entries. */
function raise(into: Float64Array, from: FloatArray, scale: number): void {
  for (let i = 0; i < into.length; i++) {
    const x = scale * from[i];
    if (!(x <= into[i])) into[i] = x;
  }
}

const largest = (x: Float64Array): number => x.reduce((a, b) => Math.max(a, b), 0);
