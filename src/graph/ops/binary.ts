/**
 * @module graph/ops/binary
 *
 * What elementwise functions of two operands share: y = φ(a, b) with numpy broadcasting, ct_a = Σ_broadcast ct ⊙ ∂φ/∂a.
 */
import * as b from '../build.js';
import { broadcastShapes, floatType, oneType } from '../infer.js';
import { slopeProduct } from '../slope.js';
import type { RuleContext } from '../ruleContext.js';
import type { Node, Value } from '../value.js';
import type { Operator } from '../registry.js';

/** Local derivatives with respect to both operands, each a value that broadcasts to the output. */
export type Partials = readonly [
  (a: Value, c: Value, y: Value) => Value,
  (a: Value, c: Value, y: Value) => Value,
];

/** An operator y = φ(a, b) from its two partial derivatives. */
export function binaryOperator(name: string, partials: Partials): Operator {
  return {
    name,
    infer: (inputs) => ({
      dtype: floatType(name, inputs),
      shape: broadcastShapes(
        name,
        inputs,
        inputs.map((v) => v.shape),
      ),
    }),
    vjp(ctx, { inputs, output }, ct, wanted) {
      return inputs.map((v, i) => {
        if (!wanted[i]) return null;
        const d = ctx.align(partials[i](inputs[0], inputs[1], output), output.shape);
        return ctx.reduceTo(slopeProduct(ct, d), output.shape, v.shape);
      });
    },
    jvp(ctx, { inputs, output }, tangents) {
      let sum: Value | null = null;
      tangents.forEach((t, i) => {
        if (!t) return;
        const d = ctx.align(partials[i](inputs[0], inputs[1], output), output.shape);
        const term = slopeProduct(ctx.place(t, inputs[i].shape, output.shape), d);
        sum = sum ? b.add(sum, term) : term;
      });
      return sum && ctx.broadcastTo(sum, output);
    },
  };
}

/** A comparison: booleans, no derivative. */
export function comparison(name: string): Operator {
  return {
    name,
    infer: (inputs) => {
      oneType(name, inputs);
      return {
        dtype: 'bool',
        shape: broadcastShapes(
          name,
          inputs,
          inputs.map((v) => v.shape),
        ),
      };
    },
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
