/**
 * @module matrix/blocks/columns
 *
 * Unit vectors, and a matrix column by column from its products with them.
 */

/** e_i [n]. */
export function unit(n: number, i: number): Float64Array {
  const e = new Float64Array(n);
  e[i] = 1;
  return e;
}

/** F [n, n], row by row, of a symmetric operator. n products. */
export function densely(n: number, multiply: (v: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out.set(multiply(unit(n, i)), i * n);
  return out;
}
