/**
 * @module model/names/fresh
 *
 * Weights as PyTorch draws them for a new linear or convolution layer: float32 numbers fl(k·2⁻²⁴·2β − β), k whole, β = 1/√fan-in. They are
 * told from trained ones by lying on that grid, and a weight norm that has not been trained can be undone: g = ‖v‖, and W is
 * fl(fl(v/‖v‖)·g), so v is the drawn number that rounds to what the file holds.
 * Sources: torch.nn.init.kaiming_uniform_ with a = √5; ATen's uniform_real_distribution; torch.onnx, symbolic of _weight_norm.
 */
import { sizeOf, type Tensor, tensor, toFloat64 } from '../../core/tensor.js';

/** Evidence, in bits, that counts as proof. */
const PROOF_BITS = 16;
/** Rounding of g v/‖v‖ leaves this share of the elements where they were. */
const UNMOVED = 0.7;
/** Units in the last place by which a norm in float32 may be off. */
const NORM_ULPS = 2;

const ulpOf = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);

/**
 * The drawn numbers within one unit in the last place of each element, or null where the weight [out, in, …] is not fresh: an element has
 * none, or chance would do as well (a likelihood ratio below 2¹⁶ against any float32).
 */
function drawn(w: Tensor): number[][] | null {
  const bound = Math.fround(1 / Math.sqrt(sizeOf(w.shape.slice(1))));
  const width = Math.fround(2 * bound);
  const step = width * 2 ** -24;
  let bits = 0;
  const all: number[][] = [];
  for (const x of toFloat64(w)) {
    if (x === 0 || Math.abs(x) > bound) return null;
    const ulp = ulpOf(x);
    const k = Math.round((x + bound) / step);
    const near = [k - 1, k, k + 1]
      .map((j) => Math.fround(j * 2 ** -24 * width - bound))
      .filter((v, i, vs) => Math.abs(v - x) <= ulp && vs.indexOf(v) === i);
    if (near.length === 0) return null;
    if (step > ulp) bits += Math.log2((near.includes(x) ? UNMOVED : (1 - UNMOVED) / 2) * (step / ulp));
    all.push(near);
  }
  return bits >= PROOF_BITS ? all : null;
}

/** g [out, 1, …] and v of an untrained weight norm over all axes but the first that was folded into `w`; null where it was trained. */
export function untrainedNorm(w: Tensor): { readonly g: Tensor; readonly v: Tensor } | null {
  const near = drawn(w);
  if (near === null) return null;
  const values = toFloat64(w);
  const [rows] = w.shape;
  const size = values.length / rows;
  const g: number[] = [];
  const v: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = undo(values.subarray(r * size, (r + 1) * size), near.slice(r * size, (r + 1) * size));
    if (row === null) return null;
    g.push(row.g);
    v.push(...row.v);
  }
  const gains = w.shape.map((d, i) => (i === 0 ? d : 1));
  return { g: tensor(w.dtype, gains, g), v: tensor(w.dtype, w.shape, v) };
}

/** One row: the norm nearest to ‖v‖ at which every element comes from a drawn number. */
function undo(w: Float64Array, near: readonly (readonly number[])[]): { g: number; v: number[] } | null {
  const exact = Math.fround(Math.sqrt(w.reduce((s, x) => s + x * x, 0)));
  const tried = Array.from({ length: 2 * NORM_ULPS + 1 }, (_, i) => (i % 2 ? 1 : -1) * Math.ceil(i / 2));
  for (const off of tried) {
    const g = Math.fround(exact + off * ulpOf(exact));
    const v = near.map((vs, i) => vs.find((x) => Math.fround(Math.fround(x / g) * g) === w[i]));
    if (v.every((x): x is number => x !== undefined)) return { g, v };
  }
  return null;
}
