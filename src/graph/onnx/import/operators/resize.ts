/**
 * @module graph/onnx/import/operators/resize
 *
 * Resize and Upsample: an image at another resolution, axis by axis. Nearest elements are picked; linear and cubic interpolation are a
 * matrix of known numbers along each axis, y = M x. Sizes are given or follow from scales, ⌊scale · length⌋; the examples keep their
 * number. Source: onnx/onnx, Operators.md (Resize, opset 10, 11, 13, 18, 19; Upsample, opset 7, 9).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import { constant, type Value } from '../../../value.js';
import { mapAxis } from '../axis-map.js';
import type { Normaliser, OpContext } from '../context.js';
import { numberList } from '../number-list.js';
import { pick } from '../pick.js';
import { type AxisScale, COORDINATES, type Kernel, NEAREST, weightsAt } from './interpolation.js';

/** How an image is resized, beside its sizes. */
interface Manner {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly antialias: boolean;
  /** Value of what lies outside; null: the outermost elements. */
  readonly outside: number | null;
}

/** Upsample and the first Resize put element 0 at 0 and take the one before. */
const asymmetric = (c: OpContext): Manner => ({
  mode: c.text('mode', 'nearest'),
  coordinates: 'asymmetric',
  nearest: 'floor',
  antialias: false,
  outside: null,
});

/** Resize of opset 10, and Upsample from opset 9: the scales are the second operand. Throws `graph/shape`, `onnx/form`. */
export const resizeByScales: Normaliser = (c) => {
  const scales = numberList(c, 1, 'scales');
  return resized(c, scalesOf(c, scales, [...scales.keys()]), asymmetric(c));
};

/** Upsample before opset 9: the scales are an attribute. Throws `graph/shape`, `onnx/form`, `onnx/operand`. */
export const upsampleByAttribute: Normaliser = (c) => {
  const scales = c.floats('scales');
  if (!scales) throw c.refuse('needs the attribute "scales"', 'onnx/operand');
  return resized(c, scalesOf(c, scales, [...scales.keys()]), asymmetric(c));
};

/** Resize from opset 11. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const resize: Normaliser = (c) => {
  const rank = c.rank(0);
  const axes = (c.ints('axes') ?? Array.from({ length: rank }, (_, i) => i)).map((a) => c.axis(a, rank));
  const coordinates = c.text('coordinate_transformation_mode', 'half_pixel');
  const crop = coordinates === 'tf_crop_and_resize';
  const byScales = c.has(2) && c.shape(2)[0] !== 0;
  const scales = byScales ? scalesOf(c, numberList(c, 2, 'scales'), axes) : sizesOf(c, axes);
  return resized(c, crop ? within(c, scales, axes) : scales, {
    mode: c.text('mode', 'nearest'),
    coordinates,
    nearest: c.text('nearest_mode', 'round_prefer_floor'),
    antialias: c.flag('antialias', false),
    outside: crop ? c.float('extrapolation_value', 0) : null,
  });
};

type Scales = ReadonlyMap<number, AxisScale>;

/** Axes by their scales; those that stay as they are are left out. */
function scalesOf(c: OpContext, scales: readonly number[], axes: readonly number[]): Map<number, AxisScale> {
  if (scales.length !== axes.length)
    throw c.refuse(`${scales.length} scales for ${axes.length} axes`, 'graph/shape');
  const found = new Map<number, AxisScale>();
  axes.forEach((axis, i) => {
    const scale = scales[i];
    const length = c.shape(0)[axis];
    if (!(scale > 0 && Number.isFinite(scale))) throw c.refuse(`a scale is positive, not ${scale}`);
    if (isBatch(length)) {
      if (scale !== 1) throw c.coupled(`axis ${axis} holds the examples`);
      return;
    }
    // Scales are float32, and so is their product with a length.
    const exact = Math.fround(scale * length);
    const count = c.limited(Math.floor(exact));
    found.set(axis, { length, count, scale, exact, region: [0, 1] });
  });
  return found;
}

/** Axes by the sizes of the result, which one scale may have to keep together. */
function sizesOf(c: OpContext, axes: readonly number[]): Map<number, AxisScale> {
  if (!c.has(3)) throw c.refuse('needs scales or sizes', 'onnx/operand');
  const sizes = c.dims(3, 'sizes');
  if (sizes.length !== axes.length)
    throw c.refuse(`${sizes.length} sizes for ${axes.length} axes`, 'graph/shape');
  const found = new Map<number, AxisScale>();
  axes.forEach((axis, i) => {
    const length = c.shape(0)[axis];
    const count = sizes[i];
    if (isBatch(length)) {
      const same = isBatch(count) ? count.batch : count / (c.reader.fixedBatch ?? NaN);
      if (same !== length.batch) throw c.coupled(`axis ${axis} holds the examples`);
      return;
    }
    if (isBatch(count)) throw c.coupled(`axis ${axis} gets as many elements as there are examples`);
    if (!(count > 0 && length > 0)) throw c.refuse(`resizes ${length} elements to ${count}`, 'graph/shape');
    c.limited(count);
    found.set(axis, { length, count, scale: count / length, exact: count, region: [0, 1] });
  });
  const policy = c.text('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return found;
  if (policy !== 'not_larger' && policy !== 'not_smaller') throw c.refuse(`policy ${policy} is unknown`);
  const all = [...found.values()].map((a) => a.scale);
  const scale = policy === 'not_larger' ? Math.min(...all) : Math.max(...all);
  for (const [axis, { length }] of found) {
    const exact = scale * length;
    found.set(axis, { length, count: c.limited(Math.floor(exact + 0.5)), scale, exact, region: [0, 1] });
  }
  return found;
}

/** The regions of interest: first every start, then every end. */
function within(c: OpContext, scales: Scales, axes: readonly number[]): Scales {
  const roi = numberList(c, 1, 'the region of interest');
  if (roi.length !== 2 * axes.length)
    throw c.refuse(`${roi.length} numbers are not two for each of ${axes.length} axes`, 'graph/shape');
  const entries = [...scales].map(([axis, a]): [number, AxisScale] => {
    const i = axes.indexOf(axis);
    return [axis, { ...a, region: [roi[i], roi[i + axes.length]] }];
  });
  return new Map(entries);
}

function resized(c: OpContext, scales: Scales, manner: Manner): Value {
  const { mode, coordinates, nearest, outside } = manner;
  if (!Object.hasOwn(COORDINATES, coordinates)) throw c.refuse(`coordinates ${coordinates} are unknown`);
  if (!Object.hasOwn(NEAREST, nearest)) throw c.refuse(`nearest_mode ${nearest} is unknown`);
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic') throw c.refuse(`mode ${mode} is unknown`);
  let y = mode === 'nearest' ? c.value(0) : c.real(0);
  for (const [axis, scale] of scales) {
    if (scale.scale === 1 && scale.count === scale.length && outside === null) continue;
    if (scale.length === 0) throw c.refuse(`axis ${axis} has no elements`, 'graph/shape');
    const at = Array.from({ length: scale.count }, (_, x) => COORDINATES[coordinates](x, scale));
    if (mode === 'nearest') {
      const last = scale.length - 1;
      const from = at.map((x) => Math.min(Math.max(NEAREST[nearest](x), 0), last));
      y = pick(y, axis, from);
    } else {
      const kernel: Kernel = {
        mode,
        coefficient: c.float('cubic_coeff_a', -0.75),
        antialias: manner.antialias,
        excludeOutside: c.flag('exclude_outside', false),
      };
      y = mapAxis(
        y,
        axis,
        at.map((x) => weightsAt(x, scale, kernel)),
      );
    }
    if (outside !== null) y = extrapolated(y, axis, at, scale, outside);
  }
  return y;
}

/** Elements that lie outside the operand are one number. */
function extrapolated(
  y: Value,
  axis: number,
  at: readonly number[],
  { length }: AxisScale,
  value: number,
): Value {
  const out = at.map((x) => (x < 0 || x > length - 1 ? 1 : 0));
  if (out.every((o) => o === 0)) return y;
  const behind = y.shape.slice(axis + 1).map(() => 1);
  return b.where(constant(tensor('bool', [at.length, ...behind], out)), b.scalar(value, y.dtype), y);
}
