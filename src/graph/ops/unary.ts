/**
 * @module graph/ops/unary
 *
 * What every elementwise function of one operand shares: y = φ(x), ct_x = ct_y ⊙ φ′, t_y = φ′ ⊙ t_x.
 */
import { floatType } from '../infer.js';
import type { Operator } from '../registry.js';
import { slopeProduct } from '../slope.js';
import type { Value } from '../value.js';

/** An operator y = φ(x) from its derivative, given as a value of x and y; null: zero everywhere it exists. */
export function unaryOperator(name: string, derivative: ((x: Value, y: Value) => Value) | null): Operator {
  const infer: Operator['infer'] = (inputs) => ({ dtype: floatType(name, inputs), shape: inputs[0].shape });
  if (!derivative) return { name, infer };
  return {
    name,
    infer,
    vjp(ctx, node, ct) {
      const d = derivative(node.inputs[0], node.output);
      return [slopeProduct(ct, ctx.align(d, node.output.shape))];
    },
    jvp(ctx, node, [t]) {
      if (!t) return null;
      const d = derivative(node.inputs[0], node.output);
      return slopeProduct(t, ctx.align(d, node.output.shape));
    },
  };
}
