/**
 * @module model/names/folded
 *
 * Parameters that the exporter folded into one tensor and that can be taken out again, because the function is known:
 *
 *   pruning      W = P ⊙ M                M = 1 where W ≠ 0 (torch.nn.utils.prune: `weight_orig`)
 *   weight norm  W = g v/‖v‖, norm over all axes but those of g (torch.nn.utils.weight_norm: `weight_g`, `weight_v`;
 *                parametrizations.weight_norm: `original0`, `original1`)
 *
 * Names alone do not say how long v is, on which its derivatives depend. Where W still lies on the grid of numbers that PyTorch draws
 * for a new Linear or convolution, nothing was trained, and weight norm starts with g = ‖v‖; elsewhere values are needed.
 * Sources: Salimans & Kingma 2016, eq. 2; torch.nn.init.kaiming_uniform_ with a = √5, ATen's uniform_real_distribution.
 */
import { allocate, sizeOf, type Tensor, toFloat64 } from '../../core/tensor.js';
import { constant, ops as b, type Value } from '../../graph/index.js';

/** Names of the two halves of a weight norm: of `weight_g` the other one `weight_v`; null for any other leaf. */
export function weightNormPartner(leaf: string): string | null {
  const old = /^(.*)_g$/.exec(leaf);
  if (old) return `${old[1]}_v`;
  const registered = /^(.*)\.original0$/.exec(leaf);
  return registered ? `${registered[1]}.original1` : null;
}

/** Whether a leaf names what is masked, or otherwise transformed, before it is used. */
export const isOriginal = (leaf: string): boolean => /(_orig|\.original)$/.test(leaf);

/** 1 where an element is not 0, or null where no element is 0, or all are. */
export function maskOf(w: Tensor): Tensor | null {
  const values = toFloat64(w);
  const kept = values.reduce((s, x) => s + (x !== 0 ? 1 : 0), 0);
  if (kept === 0 || kept === values.length) return null;
  const data = allocate(w.dtype, values.length);
  values.forEach((x, i) => ((data as Float64Array)[i] = x !== 0 ? 1 : 0));
  return { dtype: w.dtype, shape: w.shape, data };
}

/** P ⊙ M. */
export const masked = (p: Value, mask: Tensor): Value => b.mul(p, constant(mask));

/** The axes of v over which its norm is taken: those along which g is 1. */
function normAxes(g: readonly number[], v: readonly number[]): number[] {
  return v.map((_, i) => i).filter((i) => g.length !== v.length || g[i] === 1);
}

/** g v/‖v‖. */
export function weightNorm(g: Value, v: Value): Value {
  const axes = normAxes(g.shape as number[], v.shape as number[]);
  return b.mul(v, b.div(g, b.sqrt(b.reduceSum(b.square(v), axes, true))));
}

/** g v/‖v‖ on numbers, float64. Null where the shapes do not fit. */
export function weightNormValues(g: Tensor, v: Tensor): Tensor | null {
  const scalar = sizeOf(g.shape) === 1 && g.shape.length !== v.shape.length;
  if (!scalar && (g.shape.length !== v.shape.length || g.shape.some((d, i) => d !== 1 && d !== v.shape[i])))
    return null;
  const [gs, vs] = [toFloat64(g), toFloat64(v)];
  const at = (flat: number): number => {
    if (scalar) return 0;
    let rest = flat;
    let index = 0;
    let stride = 1;
    for (let i = v.shape.length - 1; i >= 0; i--) {
      if (g.shape[i] !== 1) index += (rest % v.shape[i]) * stride;
      rest = Math.floor(rest / v.shape[i]);
      stride *= g.shape[i];
    }
    return index;
  };
  const squares = new Float64Array(gs.length);
  vs.forEach((x, i) => (squares[at(i)] += x * x));
  return {
    dtype: 'float64',
    shape: v.shape,
    data: vs.map((x, i) => (x * gs[at(i)]) / Math.sqrt(squares[at(i)])),
  };
}
