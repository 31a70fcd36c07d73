/**
 * @module data/conform
 *
 * An array against the graph's input it is to feed. Shape and kind must fit as they stand; the one thing that may be
 * done to values is the scale that the user gave. Integers do not become pixels, nor class indices numbers, in silence.
 */
import { FimError } from '../core/errors.js';
import { readerOf, storedTensor } from '../core/stored-tensor.js';
import { allocate, castTensor, isFloat, sameShape, sizeOf } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { shapeText } from './array-file.js';
import { examplesFirst } from './examples-first.js';
import type { InputSpec } from './input-spec.js';
import { applyScale } from './scale.js';
import type { Scale } from './scale.js';

export type { InputSpec } from './input-spec.js';

/** What the file's format cannot say, and so need not agree. */
export interface Leniency {
  /** Numbers without a type (CSV): whole ones may feed an integer input. */
  untyped: boolean;
  /** Rows without a shape of their own (CSV, IDX): the same number of elements is enough, row-major. */
  unshaped: boolean;
}

const STRICT: Leniency = { untyped: false, unshaped: false };

const RANGES: Record<'int8' | 'uint8' | 'int32' | 'int64' | 'bool', readonly [number, number]> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  bool: [0, 1],
};

/**
 * The array as the graph's input takes it: finite, of its shape and kind. Floats keep their precision; scaled integers
 * take the graph's type. `where` names the array. Throws `data/shape`, `data/uint8`, `data/integers`, `data/floats`,
 * `data/range` or `data/not-finite`.
 */
export function conformInput(
  array: Tensor,
  spec: InputSpec,
  where: string,
  scale: Scale | null = null,
  leniency: Leniency = STRICT,
): Tensor {
  const ordered = examplesFirst(array, spec, where);
  const shape = conformShape(ordered, spec, where, leniency.unshaped);
  return asRowsCome(ordered, shape, where, (t, exampleOf) => {
    checkFinite(t, where, exampleOf);
    if (!isFloat(spec.dtype)) return conformInteger(t, spec, spec.dtype, where, leniency.untyped, exampleOf);
    if (scale === null && !isFloat(t.dtype)) throw unscaled(t, spec, where);
    return scale === null ? t : scaled(t, isFloat(t.dtype) ? t.dtype : spec.dtype, scale);
  });
}

/** Which example of the data a row is. */
type ExampleOf = (row: number) => number;

/**
 * What `make` makes of an array in another shape: at once where it lies in memory, else of the rows as they are read; what the type alone
 * tells is refused at once there too.
 */
function asRowsCome(
  array: Tensor,
  shape: readonly number[],
  where: string,
  make: (t: Tensor, exampleOf: ExampleOf) => Tensor,
): Tensor {
  const { dtype } = array;
  const rows = readerOf(array);
  if (rows === null) return make({ dtype, shape, data: array.data }, (row) => row);
  return storedTensor({
    dtype: make({ dtype, shape, data: allocate(dtype, 0) }, (row) => row).dtype,
    shape,
    where,
    rows: (indices) =>
      make({ dtype, shape: [indices.length, ...shape.slice(1)], data: rows(indices) }, (row) => indices[row])
        .data,
  });
}

/** Targets, all of them finite: looked at as they are read where they lie in a file. Throws `data/not-finite`. */
export const finiteTargets = (targets: Tensor, where: string): Tensor =>
  asRowsCome(targets, targets.shape, where, (t, exampleOf) => {
    checkFinite(t, where, exampleOf);
    return t;
  });

/** Throws `data/not-finite`, naming the first example with NaN or infinity and how many values there are. */
export function checkFinite(t: Tensor, where: string, exampleOf: ExampleOf = (row) => row): void {
  if (!isFloat(t.dtype)) return;
  const data = t.data as Float64Array;
  let first = -1;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] - data[i] === 0) continue;
    if (count++ === 0) first = i;
  }
  if (count === 0) return;
  const size = sizeOf(t.shape.slice(1));
  const example = exampleOf(Math.floor(first / size));
  const element = unravel(first % size, t.shape.slice(1));
  throw new FimError({
    code: 'data/not-finite',
    where,
    rule: 'every value must be finite',
    got: `${data[first]} in example ${example}${element}${count > 1 ? `, and ${count - 1} more` : ''}`,
    cause: 'missing values, or a division by zero when the data were prepared',
    next: 'remove these examples or fill the values before saving: np.isfinite(a) finds them',
  });
}

function conformShape(array: Tensor, spec: InputSpec, where: string, unshaped: boolean): readonly number[] {
  const own = array.shape.slice(1);
  const want = spec.shape;
  if (array.shape.length === 0) {
    throw new FimError({
      code: 'data/shape',
      where,
      rule: 'the first axis of every array counts the examples',
      got: `${array.dtype} [], a single number`,
      next: 'save an array of shape [n, …]',
    });
  }
  if (want === null || (own.length === want.length && want.every((d, i) => d === null || d === own[i]))) {
    return array.shape;
  }
  const full = want.every((d) => d !== null) ? want : null;
  const fits = full !== null && sizeOf(full) === sizeOf(own);
  if (fits && unshaped) return [array.shape[0], ...full];
  const onlyExample = sameShapeUpTo(array.shape, want);
  throw new FimError({
    code: 'data/shape',
    where,
    rule: `the network's input ${spec.name} takes ${shapeText(['n', ...want])}`,
    got: `${array.dtype} ${shapeText(array.shape)}${fits ? ', the same number of elements in another shape' : ''}`,
    ...(onlyExample ? { cause: 'a single example without the axis that counts examples' } : {}),
    next: onlyExample
      ? `${spec.name} = ${spec.name}[None]`
      : fits
        ? `reshape it before saving: a.reshape(${[-1, ...full].join(', ')})`
        : 'use the data that this network was made for',
  });
}

function sameShapeUpTo(shape: readonly number[], want: readonly (number | null)[]): boolean {
  const filled = want.map((d, i) => d ?? shape[i]);
  return sameShape(shape, filled);
}

function scaled(t: Tensor, dtype: 'float32' | 'float64', scale: Scale): Tensor {
  const out = allocate(dtype, t.data.length);
  if (t.dtype === 'uint8') {
    // Pixels: a table of their 256 values is several times faster than as many divisions.
    const table = Float64Array.from({ length: 256 }, (_, v) => applyScale(v, scale));
    const pixels = t.data as Uint8Array;
    for (let i = 0; i < out.length; i++) out[i] = table[pixels[i]];
  } else {
    for (let i = 0; i < out.length; i++) out[i] = applyScale(Number(t.data[i]), scale);
  }
  return { dtype, shape: t.shape, data: out };
}

function unscaled(t: Tensor, spec: InputSpec, where: string): FimError {
  const pixels = t.dtype === 'uint8';
  return new FimError({
    code: pixels ? 'data/uint8' : 'data/integers',
    where,
    rule: `the network's input ${spec.name} is ${spec.dtype}; integers become numbers only by a scale that you give`,
    got: `${t.dtype} ${shapeText(t.shape)}`,
    cause: pixels
      ? 'pixels are stored as 0 to 255; whether the network saw 0 to 255 or 0 to 1, the file does not say'
      : 'class or token indices in the place of numbers, or whole numbers saved without a decimal point',
    next: pixels
      ? "`scale: '1/255'` for pixels from 0 to 1, `scale: 1` for 0 to 255"
      : '`scale: 1` if these integers are the numbers, or save a.astype(np.float32)',
  });
}

function conformInteger(
  t: Tensor,
  spec: InputSpec,
  dtype: keyof typeof RANGES,
  where: string,
  untyped: boolean,
  exampleOf: ExampleOf,
): Tensor {
  const whole = isFloat(t.dtype) ? untyped && (t.data as Float64Array).every(Number.isSafeInteger) : true;
  if (!whole) {
    throw new FimError({
      code: 'data/floats',
      where,
      rule: `the network's input ${spec.name} is ${dtype}`,
      got: `${t.dtype} ${shapeText(t.shape)}`,
      cause: 'numbers in the place of indices',
      next: 'if they are whole numbers, save a.astype(np.int64)',
    });
  }
  const [low, high] = RANGES[dtype];
  const size = sizeOf(t.shape.slice(1));
  for (let i = 0; i < t.data.length; i++) {
    const v = Number(t.data[i]);
    if (v >= low && v <= high) continue;
    throw new FimError({
      code: 'data/range',
      where,
      rule: `the network's input ${spec.name} is ${dtype}, ${low} to ${high}`,
      got: `${t.data[i]} in example ${exampleOf(Math.floor(i / size))}`,
      next: 'use the data that this network was made for',
    });
  }
  return castTensor(t, dtype);
}

/** ` at [2, 3]`, or nothing where an example is a single number. */
function unravel(flat: number, shape: readonly number[]): string {
  if (sizeOf(shape) === 1) return '';
  const index = shape.map((d, axis) => Math.floor(flat / sizeOf(shape.slice(axis + 1))) % d);
  return ` at [${index.join(', ')}]`;
}
