import { floatType, ownAxis } from '../infer.js';
import { alongAxis } from '../onnx/export/writers.js';
import { type Operator, perElement } from '../operator.js';
import type { RuleContext } from '../rule-context.js';
import type { Node, Value } from '../value.js';
import { normaliseElements } from './reference.js';

/**
 * y = e^(x − max)/Σ over one axis; J = Diag(y) − yyᵀ is symmetric, so forward and reverse are one: y ⊙ (v − ⟨y, v⟩). Second order
 * y ⊙ (c² − ⟨y, c²⟩), c = ẋ − ⟨y, ẋ⟩.
 */
export const Softmax: Operator = {
  name: 'Softmax',
  infer: ([x], attrs) => {
    ownAxis('Softmax', x, attrs.axis as number);
    return { dtype: floatType('Softmax', [x]), shape: x.shape };
  },
  derivative: {
    vjp: (ctx, node, ct) => [product(ctx, node, ct)],
    jvp: (ctx, node, [t]) => t && product(ctx, node, t),
  },
  second: {
    kind: 'form',
    curved: (moves) => moves[0],
    form(ctx, node, tangents) {
      const { y, squares, spread } = weightedSpread(ctx, node, tangents, node.output);
      return ctx.b.mul(y, ctx.b.sub(squares, spread));
    },
  },
  elementwise: null,
  mover: false,
  flops: perElement,
  evaluate: ([x], attrs) =>
    normaliseElements(x, attrs.axis as number, (v, top, sum) => Math.exp(v - top) / sum),
  onnx: { write: alongAxis, doubleKernel: 'yes' },
};

function product(ctx: RuleContext, { output, attrs }: Node, v: Value): Value {
  const { b } = ctx;
  const y = ctx.align(output, output.shape);
  const yv = b.mul(y, v);
  const inner = b.reduceSum(yv, [ctx.axis(output.shape, attrs.axis as number)], true);
  return b.sub(yv, b.mul(y, inner));
}

/** c² and ⟨y, c²⟩ of the centred tangent c = ẋ − ⟨y, ẋ⟩, weighted by the probabilities y. */
export function weightedSpread(
  ctx: RuleContext,
  { output, attrs }: Node,
  tangents: readonly (Value | null)[],
  probabilities: Value,
): { y: Value; squares: Value; spread: Value } {
  const { b } = ctx;
  const axis = ctx.axis(output.shape, attrs.axis as number);
  const t = tangents[0] as Value;
  const y = ctx.align(probabilities, output.shape);
  const centred = b.sub(t, b.reduceSum(b.mul(y, t), [axis], true));
  const squares = b.square(centred);
  return { y, squares, spread: b.reduceSum(b.mul(y, squares), [axis], true) };
}
