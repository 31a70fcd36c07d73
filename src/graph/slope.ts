/**
 * @module graph/slope
 *
 * Products with local slopes that may be infinite. At a root, a power, a logarithm or a norm of 0 the slope is ∞, and what arrives
 * there may be 0: then the derivative is 0, not 0·∞ = NaN (PyTorch masks norms, clamps and rectifiers in the same way). So
 *
 *   ct · d = 0 where ct = 0 or d = 0, else ct · d
 *
 * wherever a factor comes from such a slope, and a plain product everywhere else: networks without one pay nothing.
 */
import type { Builder } from './builder.js';
import type { Value } from './value.js';

const poles = new WeakSet<Value>();
const known = new WeakMap<Value, boolean>();

/** Says of a slope that it is infinite somewhere. */
export function withPole(slope: Value): Value {
  poles.add(slope);
  return slope;
}

/** Whether a value is computed from a slope with a pole. */
export function reachesPole(v: Value): boolean {
  const before = known.get(v);
  if (before !== undefined) return before;
  // Depth first by hand: derived graphs are deep.
  const stack: Value[] = [v];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const inputs = poles.has(top) ? [] : (top.node?.inputs ?? []);
    const open = inputs.filter((x) => !known.has(x));
    if (open.length > 0) {
      stack.push(...open);
      continue;
    }
    known.set(top, poles.has(top) || inputs.some((x) => known.get(x)));
    stack.pop();
  }
  return known.get(v) as boolean;
}

/** ct · slope, 0 where either is. */
export function slopeProduct(
  b: Pick<Builder, 'mul' | 'scalar' | 'where' | 'equal'>,
  ct: Value,
  slope: Value,
): Value {
  const product = b.mul(ct, slope);
  const [left, right] = [reachesPole(ct), reachesPole(slope)];
  if (!left && !right) return product;
  const zero = b.scalar(0, ct.dtype);
  const masked = left ? b.where(b.equal(slope, zero), zero, product) : product;
  return right ? b.where(b.equal(ct, zero), zero, masked) : masked;
}
