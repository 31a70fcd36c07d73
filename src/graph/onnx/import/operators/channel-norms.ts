/**
 * @module graph/onnx/import/operators/channel-norms
 *
 * Normalisations within one example that LayerNormalization is not: InstanceNormalization (each channel over its positions),
 * GroupNormalization (groups of channels; scale and shift for each group before opset 21, for each channel from there on),
 * RMSNormalization x/√(mean x² + ε) ⊙ scale, LpNormalization x/‖x‖_p (0 where the norm is 0), LRN x/(k + α/n Σ_{channels near} x²)^β and
 * MeanVarianceNormalization. Source: onnx/onnx, Operators.md.
 */
import * as b from '../../../build.js';
import { type Dim, isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import { power } from '../arithmetic.js';
import type { Normaliser, OpContext } from '../context.js';
import { spatial } from './windows.js';

const EPSILON = 1e-5;

/** (x − mean)/√(var + ε) over axes. */
function standardised(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = b.sub(x, b.reduceMean(x, axes, true));
  const variance = b.reduceMean(b.square(centred), axes, true);
  return b.mul(centred, b.reciprocal(b.sqrt(b.shift(variance, epsilon))));
}

/** A vector of scales or shifts against [N, C, …], and its role said. */
function vector(c: OpContext, i: number, behind: number): Value {
  c.mark(i, i === 1 ? 'norm-scale' : 'norm-shift');
  return b.unsqueeze(
    c.vector(i),
    Array.from({ length: behind }, (_, k) => k + 1),
  );
}

const scaled = (c: OpContext, x: Value, behind: number): Value =>
  b.add(b.mul(x, vector(c, 1, behind)), vector(c, 2, behind));

/** InstanceNormalization. Throws `graph/shape`. */
export const instanceNormalization: Normaliser = (c) => {
  const x = c.real(0);
  const axes = spatial(c, x).map((_, i) => i + 2);
  return scaled(c, standardised(x, axes, c.float('epsilon', EPSILON)), axes.length);
};

/** Groups as an axis of their own, normalised; `finish` in that shape. */
function grouped(c: OpContext, finish: (y: Value, axes: readonly number[]) => Value): Value {
  const x = c.real(0);
  const lengths = spatial(c, x);
  const groups = c.int('num_groups', 0);
  const channels = x.shape[1] as number;
  if (!(groups >= 1 && channels % groups === 0))
    throw c.refuse(`${channels} channels do not make ${groups} groups`, 'graph/shape');
  const shape: Dim[] = [x.shape[0], groups, channels / groups, ...lengths];
  const axes = shape.map((_, i) => i).slice(2);
  return finish(standardised(b.reshape(x, shape), axes, c.float('epsilon', EPSILON)), axes);
}

/** GroupNormalization from opset 21. Throws `graph/shape`. */
export const groupNormalization: Normaliser = (c) => {
  const y = grouped(c, (g) => b.reshape(g, c.real(0).shape));
  return scaled(c, y, y.shape.length - 2);
};

/** GroupNormalization before opset 21: one scale and one shift for each group. Throws `graph/shape`. */
export const groupNormalizationByGroup: Normaliser = (c) =>
  grouped(c, (g, axes) => b.reshape(scaled(c, g, axes.length), c.real(0).shape));

/** RMSNormalization over the axes from `axis` on. Throws `graph/shape`. */
export const rmsNormalization: Normaliser = (c) => {
  c.mark(1, 'norm-scale');
  const x = c.real(0);
  const from = c.axis(c.int('axis', -1), x.shape.length);
  const axes = x.shape.map((_, i) => i).slice(from);
  const mean = b.reduceMean(b.square(x), axes, true);
  const inverse = b.reciprocal(b.sqrt(b.shift(mean, c.float('epsilon', EPSILON))));
  return b.mul(b.mul(x, inverse), c.real(1));
};

/** LpNormalization along one axis, p = 1 or 2. Throws `graph/examples-coupled`, `onnx/form`. */
export const lpNormalization: Normaliser = (c) => {
  const x = c.real(0);
  const axis = c.axis(c.int('axis', -1), x.shape.length);
  if (isBatch(x.shape[axis])) throw c.coupled(`axis ${axis} holds the examples`);
  const p = c.int('p', 2);
  if (p !== 1 && p !== 2) throw c.refuse(`a norm of order ${p} is not covered; 1 and 2 are`);
  const norm = p === 1 ? b.reduceSum(b.abs(x), [axis], true) : b.sqrt(b.reduceSum(b.square(x), [axis], true));
  const [zero, one] = [b.scalar(0, x.dtype), b.scalar(1, x.dtype)];
  return b.div(x, b.where(b.equal(norm, zero), one, norm));
};

/** Most channels whose squares are summed. */
const LARGEST_SIZE = 4096;

/** LRN: squares are summed over ⌊(n−1)/2⌋ channels before and ⌈(n−1)/2⌉ behind. Throws `graph/shape`, `onnx/form`. */
export const lrn: Normaliser = (c) => {
  const x = c.real(0);
  const channels = x.shape[1];
  if (channels === undefined || isBatch(channels)) throw c.refuse('needs an axis of channels', 'graph/shape');
  const size = c.int('size', 0);
  if (!(size >= 1 && size <= LARGEST_SIZE)) throw c.refuse(`a size is 1 to ${LARGEST_SIZE}, not ${size}`);
  const before = Math.floor((size - 1) / 2);
  const padded = b.pad(b.square(x), 1, before, size - 1 - before);
  const sum = Array.from({ length: size }, (_, t) => b.slice(padded, 1, t, t + channels)).reduce(b.add);
  const inside = b.shift(b.scale(sum, c.float('alpha', 1e-4) / size), c.float('bias', 1));
  return b.div(x, power(inside, c.float('beta', 0.75)));
};

/** MeanVarianceNormalization over axes without the examples: (x − mean)/(√(mean x² − mean²) + 10⁻⁹). */
export const meanVarianceNormalization: Normaliser = (c) => {
  const x = c.real(0);
  const axes = c.axes(c.ints('axes') ?? [0, 2, 3], x.shape.length);
  const centred = b.sub(x, b.reduceMean(x, axes, true));
  const deviation = b.sqrt(b.reduceMean(b.square(centred), axes, true));
  return b.div(centred, b.shift(deviation, 1e-9));
};
