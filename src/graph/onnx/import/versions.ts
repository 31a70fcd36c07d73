/**
 * @module graph/onnx/import/versions
 *
 * Versions of operators whose form or meaning changed within the opsets that are read (7 to 28), each with the reading of what it was
 * before. Whatever is not listed means at every opset what it means at the newest (element types and optional operands were added, which a
 * file says itself), so a file is never refused for its opset alone. Source: onnx/onnx, docs/Changelog.md.
 */
import * as b from '../../build.js';
import { type Dim, mulDim, type Shape } from '../../dims.js';
import type { Value } from '../../value.js';
import { clamp } from './activations.js';
import type { Normaliser, OpContext } from './context.js';
import { sliceByAttributes } from './indexing.js';
import { hardmaxAlong } from './operators/arg-max.js';
import { groupNormalizationByGroup } from './operators/channel-norms.js';
import { dftByAttribute } from './operators/dft.js';
import { padByAttributes } from './operators/pad.js';
import { resizeByScales, upsampleByAttribute } from './operators/resize.js';

/** What an operator was before an opset. */
export interface Change {
  /** The opset that changed it. */
  readonly before: number;
  /** How its earlier form is read. */
  readonly read: Normaliser;
}

/** Bounds are attributes, absent ones infinite. */
const clipByAttributes: Normaliser = (c) => {
  const bound = (name: string, otherwise: number): number =>
    c.attribute(name) ? c.float(name, otherwise) : otherwise;
  return clamp(c.real(0), bound('min', -Infinity), bound('max', Infinity));
};

/** The operand as a matrix, axes from `axis` on (1 if left out) its columns, normalised along them, in its own shape again. */
const flattened =
  (f: (x: Value, axis: number) => Value): Normaliser =>
  (c) => {
    const x = c.real(0);
    const axis = c.axis(c.int('axis', 1), x.shape.length);
    if (axis === x.shape.length - 1) return f(x, axis);
    const size = (dims: Shape): Dim => dims.reduce<Dim>((p, d) => product(c, p, d), 1);
    const columns = size(x.shape.slice(axis));
    if (typeof columns !== 'number') throw c.coupled('the normalised axes hold the examples');
    const matrix = b.reshape(x, [size(x.shape.slice(0, axis)), columns]);
    return b.reshape(f(matrix, 1), x.shape);
  };

function product(c: OpContext, p: Dim, d: Dim): Dim {
  const both = mulDim(p, d);
  if (both === null) throw c.coupled('two axes hold the examples');
  return both;
}

/** Scan of opset 8 has a batch axis of its own. */
const refused =
  (rule: string): Normaliser =>
  (c) => {
    throw c.refuse(rule, 'onnx/form', 'onnx.version_converter.convert_version(model, 17), or export again');
  };

/** Changed operators, by name. */
export const CHANGES: Readonly<Record<string, Change>> = {
  Clip: { before: 11, read: clipByAttributes },
  DFT: { before: 20, read: dftByAttribute },
  GroupNormalization: { before: 21, read: groupNormalizationByGroup },
  Hardmax: { before: 13, read: flattened(hardmaxAlong) },
  LogSoftmax: { before: 13, read: flattened(b.logSoftmax) },
  Pad: { before: 11, read: padByAttributes },
  Resize: { before: 11, read: resizeByScales },
  Scan: { before: 9, read: refused('the form of opset 8, with a batch axis of its own, is not covered') },
  Slice: { before: 10, read: sliceByAttributes },
  Softmax: { before: 13, read: flattened(b.softmax) },
  Upsample: { before: 9, read: upsampleByAttribute },
};

/** How an operator is read at an opset where its form is an earlier one; null where it is the newest. */
export function formAt(operator: string, opset: number): Normaliser | null {
  const change = Object.hasOwn(CHANGES, operator) ? CHANGES[operator] : null;
  return change && opset < change.before ? change.read : null;
}
