import * as b from '../build.js';
import { isBatch, sameDim } from '../dims.js';
import { oneType } from '../infer.js';
import type { Operator } from '../registry.js';
import { couplingError, shapeError, type Value } from '../value.js';

/**
 * Joins operands along one axis. An operand without a batch axis (a class token) must be expanded first. Reverse: the matching
 * slice of the cotangent.
 */
export const Concat: Operator = {
  name: 'Concat',
  infer: (inputs, attrs) => {
    const axis = attrs.axis as number;
    const [first] = inputs;
    let total = 0;
    for (const v of inputs) {
      if (
        v.shape.length !== first.shape.length ||
        v.shape.some((d, i) => i !== axis && !sameDim(d, first.shape[i]))
      ) {
        throw shapeError('Concat', inputs, `shapes must agree except on axis ${axis}`);
      }
      const d = v.shape[axis];
      if (isBatch(d)) throw couplingError('Concat', inputs, `axis ${axis} holds the examples`);
      total += d;
    }
    return { dtype: oneType('Concat', inputs), shape: first.shape.map((d, i) => (i === axis ? total : d)) };
  },
  vjp(ctx, { inputs, attrs, output }, ct, wanted) {
    const axis = attrs.axis as number;
    const position = ctx.axis(output.shape, axis);
    let start = 0;
    return inputs.map((v, i) => {
      const from = start;
      start += v.shape[axis] as number;
      return wanted[i] ? b.slice(ct, position, from, start) : null;
    });
  },
  jvp(ctx, { inputs, attrs, output }, tangents) {
    if (tangents.every((t) => !t)) return null;
    const axis = attrs.axis as number;
    const position = ctx.axis(output.shape, axis);
    const like = tangents.find((t): t is Value => t !== null) as Value;
    const zeros = (v: Value) => b.scale(b.expand(b.slice(like, position, 0, 1), ctx.shapeOf(v.shape)), 0);
    return b.concat(
      tangents.map((t, i) => t ?? zeros(inputs[i])),
      position,
    );
  },
};
