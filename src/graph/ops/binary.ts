/**
 * @module graph/ops/binary
 *
 * Elementwise functions of two operands share all rules but their value and slopes: y = φ(a, b) with numpy broadcasting,
 * ct_a = Σ_broadcast ct ⊙ ∂φ/∂a.
 */
import type { Builder } from '../builder.js';
import { broadcastShapes, floatType, oneType } from '../infer.js';
import { same } from '../onnx/export/writers.js';
import { type Operator, perElement, type Second } from '../operator.js';
import type { RuleContext } from '../rule-context.js';
import { slopeProduct } from '../slope.js';
import type { Node, Signature, Value } from '../value.js';
import { mapElements } from './reference.js';

type Slope = (b: Builder, a: Value, c: Value, y: Value) => Value;

export interface BinaryRules {
  readonly name: string;
  /** φ at two numbers. */
  readonly of: (a: number, b: number) => number;
  readonly commutative?: boolean;
  /** ∂φ/∂a and ∂φ/∂b, each a value that broadcasts to the output. */
  readonly slopes: readonly [Slope, Slope];
  readonly second: Second;
}

/** An operator y = φ(a, b) of floating-point operands, from its two partial derivatives. */
export function binaryOperator({ name, of, commutative, slopes, second }: BinaryRules): Operator {
  const slopeAt = (ctx: RuleContext, { inputs, output }: Node, i: number) =>
    ctx.align(slopes[i](ctx.b, inputs[0], inputs[1], output), output.shape);
  return {
    ...elementwiseOfTwo(name, of, floatType, commutative),
    derivative: {
      vjp(ctx, node, ct, wanted) {
        return node.inputs.map((v, i) => {
          if (!wanted[i]) return null;
          return ctx.reduceTo(slopeProduct(ctx.b, ct, slopeAt(ctx, node, i)), node.output.shape, v.shape);
        });
      },
      jvp(ctx, node, tangents) {
        const { inputs, output } = node;
        let sum: Value | null = null;
        tangents.forEach((t, i) => {
          if (!t) return;
          const d = slopeAt(ctx, node, i);
          const term = slopeProduct(ctx.b, ctx.place(t, inputs[i].shape, output.shape), d);
          sum = sum ? ctx.b.add(sum, term) : term;
        });
        return sum && ctx.broadcastTo(sum, output);
      },
    },
    second,
  };
}

/** What needs no derivative: shape by broadcasting, type by `typed`, values, cost and form. */
export function elementwiseOfTwo(
  name: string,
  of: (a: number, b: number) => number,
  typed: (op: string, inputs: readonly Value[]) => Signature['dtype'],
  commutative = false,
): Omit<Operator, 'derivative' | 'second'> {
  return {
    name,
    infer: (inputs) => ({
      dtype: typed(name, inputs),
      shape: broadcastShapes(
        name,
        inputs,
        inputs.map((v) => v.shape),
      ),
    }),
    elementwise: { operands: 2, of, commutative },
    mover: false,
    flops: perElement,
    evaluate: (inputs, _attrs, shape) => mapElements(inputs, shape, of),
    onnx: { write: same, doubleKernel: 'yes' },
  };
}

/** A comparison: booleans, no derivative. */
export function comparison(
  name: string,
  of: (a: number, b: number) => boolean,
  commutative = false,
): Operator {
  const typed = (op: string, inputs: readonly Value[]): 'bool' => {
    oneType(op, inputs);
    return 'bool';
  };
  return {
    ...elementwiseOfTwo(name, (a, b) => +of(a, b), typed, commutative),
    derivative: null,
    second: null,
  };
}

/** Tangent of a sum or difference. */
export function sumTangents(
  ctx: RuleContext,
  { inputs, output }: Node,
  tangents: readonly (Value | null)[],
  both: (a: Value, c: Value) => Value,
  onlySecond: (t: Value) => Value,
): Value | null {
  const [p, q] = tangents.map((t, i) => t && ctx.place(t, inputs[i].shape, output.shape));
  const sum = p && q ? both(p, q) : p ? p : q ? onlySecond(q) : null;
  return sum && ctx.broadcastTo(sum, output);
}
