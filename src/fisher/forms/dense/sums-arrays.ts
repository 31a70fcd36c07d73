/**
 * @module fisher/forms/dense/sums-arrays
 *
 * Arrays of the sums of a dense matrix as plain data, and what is done to whole arrays of them: a new set, columns cut out, the upper
 * triangle filled in.
 */

/** Where the label error comes from. */
export type ErrorKind = 'none' | 'closed-form' | 'sampled';

/** The sums as plain data: [P] by row, [P, P] of which the lower triangle is used. */
export interface DenseArrays {
  /** Examples whose every row is in: one number. */
  readonly examples: Float64Array;
  /** Examples of each row: one more in the rows that an example left unfinished has filled. */
  readonly rows: Float64Array;
  readonly mean: Float64Array;
  /** Means of what the data error is the spread of, expectations over labels; absent where those are the values themselves. */
  readonly centre?: Float64Array;
  /** Absent where no errors are kept. */
  readonly m2?: Float64Array;
  readonly label?: Float64Array;
  /** Of weighted examples: Σω and Σω² of each row, and Σω²(f − F) of each element. */
  readonly total?: Float64Array;
  readonly squares?: Float64Array;
  readonly lean?: Float64Array;
}

/** Sums over no examples. `errors: false` leaves out what only errors need. */
export function emptyDense(P: number, error: ErrorKind, weighted: boolean, errors = true): DenseArrays {
  const rows = () => new Float64Array(P);
  const matrix = () => new Float64Array(P * P);
  const start = { examples: new Float64Array(1), rows: rows(), mean: matrix() };
  const totals = weighted ? { total: rows(), squares: rows() } : {};
  if (!errors) return { ...start, ...totals };
  return {
    ...start,
    ...(error === 'closed-form' ? { centre: matrix() } : {}),
    m2: matrix(),
    label: matrix(),
    ...totals,
    ...(weighted ? { lean: matrix() } : {}),
  };
}

/** Columns from…to of a [K, P] matrix, its rows times `weights` where given: [K, to − from]. */
export function columnsOf(
  matrix: Float64Array,
  P: number,
  from: number,
  to: number,
  weights?: Float64Array,
): Float64Array {
  const K = matrix.length / P;
  const width = to - from;
  const out = new Float64Array(K * width);
  for (let k = 0; k < K; k++) {
    const row = matrix.subarray(k * P + from, k * P + to);
    out.set(weights ? row.map((v) => v * weights[k]) : row, k * width);
  }
  return out;
}

/** The upper triangle from the lower, in blocks that stay in the cache. */
export function mirror(matrix: Float64Array, n: number): void {
  const B = 64;
  for (let r = 0; r < n; r += B)
    for (let c = 0; c <= r; c += B)
      for (let i = r; i < Math.min(n, r + B); i++)
        for (let j = c; j < Math.min(i, c + B); j++) matrix[j * n + i] = matrix[i * n + j];
}

/** Means moved by a share of the way to others. */
export function move(
  mean: Float64Array,
  to: number,
  other: Float64Array,
  from: number,
  count: number,
  share: number,
): void {
  for (let c = 0; c < count; c++) mean[to + c] += (other[from + c] - mean[to + c]) * share;
}
