import * as b from '../build.js';
import { floatType, ownAxis } from '../infer.js';
import type { RuleContext } from '../ruleContext.js';
import type { Operator } from '../registry.js';
import type { Node, Value } from '../value.js';

/** y = e^(x − max)/Σ over one axis; J = Diag(y) − yyᵀ is symmetric, so forward and reverse are one: y ⊙ (v − ⟨y, v⟩). */
export const Softmax: Operator = {
  name: 'Softmax',
  infer: ([x], attrs) => {
    ownAxis('Softmax', x, attrs.axis as number);
    return { dtype: floatType('Softmax', [x]), shape: x.shape };
  },
  vjp: (ctx, node, ct) => [product(ctx, node, ct)],
  jvp: (ctx, node, [t]) => t && product(ctx, node, t),
};

function product(ctx: RuleContext, { output, attrs }: Node, v: Value): Value {
  const y = ctx.align(output, output.shape);
  const yv = b.mul(y, v);
  const inner = b.reduceSum(yv, [ctx.axis(output.shape, attrs.axis as number)], true);
  return b.sub(yv, b.mul(y, inner));
}
