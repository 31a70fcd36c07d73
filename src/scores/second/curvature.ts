/**
 * @module scores/second/curvature
 *
 * Second-order tangents of a graph's nodes. For a node y = φ(x₁, x₂, …) and tangents ẋ of its inputs along one direction, the second-order tangent of
 * any later value is that of the inputs carried on plus φ″[ẋ, ẋ]. So second derivatives of h need, of each node, only φ″:
 *
 *   affine or piecewise linear (Add, ReLU, Max, Where, movers, sums)   0
 *   elementwise                                                         Σ_ij (∂²φ/∂x_i∂x_j) ẋ_i ẋ_j
 *   anything else (products, softmax)                                   a form of its own, in the operator's file
 *
 * Kinks have measure zero: at every θ off them, h is twice differentiable and φ″ is what stands here (theory (2.4), which
 * corrects P24 §7).
 */
import { invariant } from '../../core/errors.js';
import { gradient, input, type Layout, type Node, type Value } from '../../graph/index.js';
import type { Term } from '../../graph/operator.js';
import { assumeSignOf } from '../../graph/positive.js';
import { apply, operatorOf } from '../../graph/registry.js';
import { reachesPole, withPole } from '../../graph/slope.js';
import { substitute } from '../../graph/substitute.js';

export const isElementwise = (node: Node): boolean => operatorOf(node.op).elementwise !== null;

/** Whether φ″ does not vanish when the inputs in `moving` move. */
export function isCurved(node: Node, moving: ReadonlySet<Value>): boolean {
  const { second } = operatorOf(node.op);
  if (!second || second.kind === 'straight') return false;
  return second.curved(node.inputs.map((v) => moving.has(v)));
}

/** φ″ of an elementwise node as terms, over the inputs that move. */
export function elementwiseTerms(node: Node, moving: ReadonlySet<Value>): Term[] {
  const { op, inputs, attrs, output } = node;
  const { second } = operatorOf(op);
  if (second?.kind === 'elementwise' && second.terms) return [...second.terms];
  const xs = inputs.map((v, i) => input(`x${i}`, v.dtype, output.shape));
  xs.forEach((x, i) => assumeSignOf(x, inputs[i]));
  const y = apply(op, xs, attrs);
  const first = gradient(y, xs);
  const actual = new Map([[y, output], ...xs.map((x, i) => [x, inputs[i]] as const)]);
  const terms: Term[] = [];
  for (let i = 0; i < xs.length; i++) {
    for (let j = 0; j <= i; j++) {
      if (!moving.has(inputs[i]) || !moving.has(inputs[j])) continue;
      const slope = first[i];
      const second = slope && gradient(slope, [xs[j]])[0];
      if (!second) continue;
      const [coefficient] = substitute([second], actual);
      // What is copied does not know that it has a pole.
      if (reachesPole(second)) withPole(coefficient);
      terms.push({ coefficient, factor: i === j ? 1 : 2, i, j });
    }
  }
  return terms;
}

/** φ″[ẋ, ẋ] of a node that is not elementwise, in the output's layout. */
export function secondForm(ctx: Layout, node: Node, tangents: readonly (Value | null)[]): Value {
  const { second } = operatorOf(node.op);
  invariant(second?.kind === 'form', node.origin || node.op, 'has no second-order form');
  return second.form(ctx, node, tangents);
}
