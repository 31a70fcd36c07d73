/**
 * Ten million draws at once, for tests of coverage: inputs with replacement, and for each its outcomes by Walker's alias method. The
 * generator is sfc32 (Doty-Humphrey's small fast counting), since nothing here needs to be named or repeated out of order.
 */

/** The law of one draw at one example: outcomes with probabilities, all equally likely (`null`), or a density. */
export interface OutcomeLaw {
  readonly count: number;
  readonly p: Float64Array | null;
}

export interface ManyDraws {
  /** Which example, [n]. */
  readonly example: Uint8Array;
  /** Which outcome, [n, K]; for a density the square of a standard normal. */
  readonly outcome: Uint16Array | Float32Array | null;
}

export const EXAMPLES_AT_MOST = 256;

/** n draws of one of the examples, each with K draws of its outcome; `laws` null: no outcomes. */
export function manyDraws(
  n: number,
  examples: number,
  laws: readonly OutcomeLaw[] | 'normal' | null,
  K: number,
  seed: number,
): ManyDraws {
  const uniform = sfc32(seed);
  const example = new Uint8Array(n);
  for (let j = 0; j < n; j++) example[j] = Math.floor(uniform() * examples);
  if (laws === null) return { example, outcome: null };
  if (laws === 'normal') return { example, outcome: squaredNormals(n * K, uniform) };
  const outcome = new Uint16Array(n * K);
  const M = laws[0].count;
  if (laws[0].p === null) {
    for (let j = 0; j < n * K; j++) outcome[j] = Math.floor(uniform() * M);
    return { example, outcome };
  }
  const keep = new Float64Array(examples * M);
  const alias = new Uint16Array(examples * M);
  laws.forEach(({ p }, i) => fillAlias(p as Float64Array, keep, alias, i * M));
  for (let j = 0; j < n; j++) {
    const row = example[j] * M;
    for (let k = 0; k < K; k++) {
      const u = uniform() * M;
      const o = Math.floor(u);
      outcome[j * K + k] = u - o < keep[row + o] ? o : alias[row + o];
    }
  }
  return { example, outcome };
}

/** Of count equally likely candidates, o stays with probability keep[o], else alias[o] is taken. */
function fillAlias(p: Float64Array, keep: Float64Array, alias: Uint16Array, at: number): void {
  const small: number[] = [];
  const large: number[] = [];
  p.forEach((v, o) => {
    keep[at + o] = v * p.length;
    (keep[at + o] < 1 ? small : large).push(o);
  });
  while (small.length > 0 && large.length > 0) {
    const s = small.pop() as number;
    const l = large[large.length - 1];
    alias[at + s] = l;
    keep[at + l] -= 1 - keep[at + s];
    if (keep[at + l] < 1) small.push(large.pop() as number);
  }
  for (const o of [...small, ...large]) keep[at + o] = 1;
}

/** By Box and Muller, two from each pair. */
function squaredNormals(n: number, uniform: () => number): Float32Array {
  const out = new Float32Array(n);
  for (let j = 0; j < n; j += 2) {
    const r2 = -2 * Math.log(1 - uniform());
    const c = Math.cos(2 * Math.PI * uniform());
    out[j] = r2 * c * c;
    if (j + 1 < n) out[j + 1] = r2 * (1 - c * c);
  }
  return out;
}

/** Uniforms in [0, 1) with 53 bits. */
function sfc32(seed: number): () => number {
  let a = seed >>> 0;
  let b = (seed / 4294967296) >>> 0;
  let c = 0x9e3779b9;
  let d = 1;
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}
