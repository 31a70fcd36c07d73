/**
 * @module graph/ops/unary
 *
 * Elementwise functions of one operand share all rules but their value and slope: y = φ(x), ct_x = ct_y ⊙ φ′, t_y = φ′ ⊙ t_x.
 */
import type { Builder } from '../builder.js';
import { floatType } from '../infer.js';
import { same } from '../onnx/export/writers.js';
import { type Operator, perElement, type Second, STRAIGHT } from '../operator.js';
import type { RuleContext } from '../rule-context.js';
import { slopeProduct } from '../slope.js';
import type { Node, Value } from '../value.js';

/** Curved wherever the operand moves. */
export const SMOOTH: Second = { kind: 'elementwise', curved: (moves) => moves.some(Boolean) };

export interface UnaryRules extends Partial<Pick<Operator, 'onnx'>> {
  readonly name: string;
  /** φ at a number. */
  readonly of: (x: number) => number;
  /** φ′ from x and y = φ(x); null: zero everywhere it exists. */
  readonly slope: ((b: Builder, x: Value, y: Value) => Value) | null;
  /** Whether φ is piecewise linear. */
  readonly straight?: boolean;
}

/** An operator y = φ(x) of a floating-point operand. */
export function unaryOperator({ name, of, slope, straight = false, onnx }: UnaryRules): Operator {
  const times = (ctx: RuleContext, node: Node, carried: Value) => {
    const d = slope!(ctx.b, node.inputs[0], node.output);
    return slopeProduct(ctx.b, carried, ctx.align(d, node.output.shape));
  };
  return {
    name,
    infer: (inputs) => ({ dtype: floatType(name, inputs), shape: inputs[0].shape }),
    derivative: slope && {
      vjp: (ctx, node, ct) => [times(ctx, node, ct)],
      jvp: (ctx, node, [t]) => t && times(ctx, node, t),
    },
    second: slope && (straight ? STRAIGHT : SMOOTH),
    elementwise: { operands: 1, of },
    mover: false,
    flops: perElement,
    evaluate: ([x]) => x.data.map(of),
    onnx: onnx ?? { write: same, doubleKernel: 'yes' },
  };
}
