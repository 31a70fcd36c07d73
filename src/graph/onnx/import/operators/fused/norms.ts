/**
 * @module graph/onnx/import/operators/fused/norms
 *
 * Normalisations that ONNX Runtime fuses with the residual sum before them: with s = x + skip (+ bias), SkipLayerNormalization is
 * (s − mean)/√(var + ε) ⊙ γ + β and SkipSimplifiedLayerNormalization s/√(mean s² + ε) ⊙ γ over the last axis; SimplifiedLayerNormalization
 * has no sum. The fourth output is s. Source: microsoft/onnxruntime, ContribOperators.md.
 */
import * as b from '../../../../build.js';
import type { Value } from '../../../../value.js';
import type { Normaliser, OpContext } from '../../context.js';
import type { Item } from '../../items.js';

const EPSILON = 1e-12;

/** x over axes: centred or not, over its root mean square. */
export function standard(x: Value, axes: readonly number[], epsilon: number, centre: boolean) {
  const mean = centre ? b.reduceMean(x, axes, true) : null;
  const centred = mean ? b.sub(x, mean) : x;
  const power = b.reduceMean(b.square(centred), axes, true);
  const inverse = b.reciprocal(b.sqrt(b.shift(power, epsilon)));
  return { y: b.mul(centred, inverse), mean: mean ?? power, inverse };
}

const last = (x: Value): number[] => [x.shape.length - 1];

/** Scale of operand `i`, shift of operand `j` where it is there. */
export function affine(c: OpContext, y: Value, i: number, j: number | null): Value {
  c.mark(i, 'norm-scale');
  const scaled = b.mul(y, c.real(i));
  if (j === null || !c.has(j)) return scaled;
  c.mark(j, 'norm-shift');
  return b.add(scaled, c.real(j));
}

const sumOf = (c: OpContext, bias: number): Value => {
  const s = b.add(c.real(0), c.real(1));
  return c.has(bias) ? b.add(s, c.real(bias)) : s;
};

export const skipLayerNormalization: Normaliser = (c) => {
  const s = sumOf(c, 4);
  const { y, mean, inverse } = standard(s, last(s), c.float('epsilon', EPSILON), true);
  const outputs: Item[] = [affine(c, y, 2, 3), mean, inverse, s];
  return outputs;
};

export const skipSimplifiedLayerNormalization: Normaliser = (c) => {
  const s = sumOf(c, 3);
  const { y, mean, inverse } = standard(s, last(s), c.float('epsilon', EPSILON), false);
  const outputs: Item[] = [affine(c, y, 2, null), mean, inverse, s];
  return outputs;
};

/** Over the axes from `axis` on. Throws `onnx/axis`. */
export const simplifiedLayerNormalization: Normaliser = (c) => {
  const x = c.real(0);
  const from = c.axis(c.int('axis', -1), x.shape.length);
  const axes = x.shape.map((_, i) => i).slice(from);
  const { y, inverse } = standard(x, axes, c.float('epsilon', 1e-5), false);
  return [affine(c, y, 1, null), inverse];
};
