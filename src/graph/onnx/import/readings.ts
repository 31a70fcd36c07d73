/**
 * @module graph/onnx/import/readings
 *
 * Readings of a file's inputs: for each, which axis holds the examples, and the lengths that the file leaves open. A file says neither;
 * what it says is which lengths are open and under which symbols. `readingsOf` lists the axes that may hold the examples, likeliest first:
 *
 *   said                     that axis and no other
 *   one open length          its axis, then the first
 *   several                  one whose symbol says batch, then the first, then the others
 *   none                     the first, then any but the last, which holds features; a vector may be one whole example
 *
 * The other inputs follow the first: the axis of the same symbol, or of the same length.
 */
import type { OnnxValueInfo } from '../proto/index.js';
import type { Source } from './source.js';

/** How inputs are read. */
export interface Reading {
  /** Axis of the examples by input, null where an input is one example without an axis for them; the first axis where it is absent. */
  readonly axes: ReadonlyMap<string, number | null>;
  /** Lengths by input, null where one is open. */
  readonly lengths: ReadonlyMap<string, readonly (number | null)[]>;
  /** Inputs of which every number is the same and known. */
  readonly constants: ReadonlyMap<string, number>;
  /** Inputs of which the axis was said and not inferred. */
  readonly said?: ReadonlySet<string>;
  /** A number of examples in place of N. */
  readonly literal?: number;
}

/** The examples along the first axis of every input. */
export const FIRST_AXIS: Reading = { axes: new Map(), lengths: new Map(), constants: new Map() };

/** The axis of the examples of an input. */
export function axisOf(reading: Reading, name: string): number | null {
  const axis = reading.axes.get(name);
  return axis === undefined ? 0 : axis;
}

/** Lengths of an input: the file's numbers, else those of the reading; null where the file has no shape. */
export function lengthsOf(reading: Reading, info: OnnxValueInfo): (number | null)[] | null {
  const said = reading.lengths.get(info.name);
  if (info.shape === null) return said ? [...said] : null;
  return info.shape.map((d, i) => (typeof d === 'number' ? d : (said?.[i] ?? null)));
}

/** What is said of the inputs, and what the data have. */
export interface InputsSaid {
  /** Axes of the examples by input. */
  readonly axes: ReadonlyMap<string, number>;
  /** Shapes by input, null at the axis of the examples. */
  readonly shapes: ReadonlyMap<string, readonly (number | null)[]>;
  /** Known values by input. */
  readonly constants: ReadonlyMap<string, number>;
  /** Shapes of the arrays that feed the inputs, where there are any. */
  readonly arrays: ReadonlyMap<string, readonly number[]>;
}

/** Readings of a file that what is said leaves, likeliest first; `settled` where only one is to be tried. */
export interface Readings {
  readonly readings: readonly Reading[];
  /** The axis was said, or the file says it by its one open length. */
  readonly settled: boolean;
}

const BATCH_SYMBOL = /^(n|b|bs|n_?batch|batch.*|.*batch(_?size)?|examples?|samples?)$/i;

/** Symbol of a dimension, `?` where it has none; null for a number. */
const symbolOf = (d: number | string | null): string | null => (typeof d === 'number' ? null : (d ?? '?'));

/** Readings of the file's inputs. */
export function readingsOf(source: Source, said: InputsSaid): Readings {
  const inputs = source.dataInputs.filter((i) => !said.constants.has(i.name) && (i.shape?.length ?? 0) > 0);
  const lead = leadOf(inputs, said);
  if (!lead) return { readings: [readingWith(source, said, new Map())], settled: true };
  const own = axesOf(lead, said);
  const all = own.map((axis) => new Map(inputs.map((i) => [i.name, followed(i, lead, axis, said)] as const)));
  const fitting = all.filter((axes) => inputs.every((i) => fits(i, axes.get(i.name)!, said)));
  const left = fitting.length > 0 ? fitting : all;
  const open = lead.shape!.filter((d) => symbolOf(d) !== null).length;
  return {
    readings: left.map((axes) => readingWith(source, said, axes)),
    settled: left.length === 1 || open > 0 || saidAxis(lead, said) !== null,
  };
}

/** The input that leads: one of which the axis is said, else one with the most open lengths, else the first. */
function leadOf(inputs: readonly OnnxValueInfo[], said: InputsSaid): OnnxValueInfo | null {
  const sure = inputs.find((i) => saidAxis(i, said) !== null);
  if (sure) return sure;
  const open = inputs.find((i) => i.shape!.filter((d) => symbolOf(d) !== null).length === 1);
  return open ?? inputs.find((i) => i.shape!.some((d) => symbolOf(d) !== null)) ?? inputs[0] ?? null;
}

function saidAxis({ name, shape }: OnnxValueInfo, said: InputsSaid): number | null {
  const axis = said.axes.get(name);
  if (axis !== undefined) return axis < 0 ? axis + shape!.length : axis;
  const at = said.shapes.get(name)?.indexOf(null) ?? -1;
  return at < 0 ? null : at;
}

/** Axes that may hold the examples of the leading input, likeliest first. */
function axesOf(info: OnnxValueInfo, said: InputsSaid): (number | null)[] {
  const given = saidAxis(info, said);
  if (given !== null) return [given];
  const shape = info.shape!;
  const open = shape.flatMap((d, i) => (symbolOf(d) === null ? [] : [i]));
  if (open.length === 0) {
    if (shape.length === 1) return [0, null];
    return Array.from({ length: shape.length - 1 }, (_, i) => i);
  }
  const named = open.filter((i) => BATCH_SYMBOL.test(symbolOf(shape[i])!));
  const likely = named.length === 1 && !named.includes(0) ? named : [];
  const order = open.length === 1 ? [open[0], 0] : [...likely, 0, ...open];
  return [...new Set(order)];
}

/** The axis of another input, where the leading one has its examples along `axis`. */
function followed(
  info: OnnxValueInfo,
  lead: OnnxValueInfo,
  axis: number | null,
  said: InputsSaid,
): number | null {
  if (info === lead) return axis;
  const given = saidAxis(info, said);
  if (given !== null || axis === null) return given;
  const length = lead.shape![axis];
  const shape = info.shape!;
  const same = shape.flatMap((d, i) => (d === length ? [i] : []));
  if (same.length > 0) return same.includes(axis) ? axis : same[0];
  const open = shape.findIndex((d) => symbolOf(d) !== null);
  return open >= 0 && symbolOf(length) !== null ? open : 0;
}

/** Whether the array that feeds an input could have its examples along the axis, or along the first. */
function fits(info: OnnxValueInfo, axis: number | null, said: InputsSaid): boolean {
  const array = said.arrays.get(info.name);
  if (!array) return true;
  const shape = info.shape!;
  const rest = shape.filter((_, i) => i !== axis);
  const agrees = (own: readonly number[]): boolean =>
    own.length === rest.length && own.every((d, i) => symbolOf(rest[i]) !== null || rest[i] === d);
  if (array.length !== rest.length + 1) return false;
  return agrees(array.slice(1)) || (axis !== null && agrees(array.filter((_, i) => i !== axis)));
}

function readingWith(source: Source, said: InputsSaid, axes: ReadonlyMap<string, number | null>): Reading {
  const lengths = new Map<string, readonly (number | null)[]>();
  for (const { name, shape } of source.dataInputs) {
    const given = said.shapes.get(name);
    const array = said.arrays.get(name);
    if (given) lengths.set(name, given);
    else if (array && shape && array.length === shape.length) {
      lengths.set(name, inFileOrder(array, shape, axes.get(name) ?? 0));
    }
  }
  shareSymbols(source, axes, lengths);
  const sure = new Set(source.dataInputs.filter((i) => saidAxis(i, said) !== null).map((i) => i.name));
  return { axes, lengths, constants: said.constants, said: sure };
}

/** A symbol has one length: what one input's array or shape says of it holds for all. */
function shareSymbols(
  source: Source,
  axes: ReadonlyMap<string, number | null>,
  lengths: Map<string, readonly (number | null)[]>,
): void {
  const known = new Map<string, number>();
  const open = source.dataInputs.flatMap((info) =>
    (info.shape ?? []).flatMap((d, i) =>
      typeof d === 'string' && i !== axes.get(info.name) ? [{ info, symbol: d, i }] : [],
    ),
  );
  for (const { info, symbol, i } of open) {
    const length = lengths.get(info.name)?.[i];
    if (typeof length === 'number' && !known.has(symbol)) known.set(symbol, length);
  }
  for (const { info, symbol, i } of open) {
    const own = lengths.get(info.name) ?? (info.shape ?? []).map(() => null);
    const length = own[i] ?? known.get(symbol) ?? null;
    lengths.set(
      info.name,
      own.map((d, k) => (k === i ? length : d)),
    );
  }
}

/** Lengths of an array as the file orders them: as they stand where they agree, else from examples first. */
function inFileOrder(
  array: readonly number[],
  shape: readonly (number | string | null)[],
  axis: number,
): number[] {
  const agrees = (lengths: readonly number[]): boolean =>
    shape.every((d, i) => i === axis || symbolOf(d) !== null || d === lengths[i]);
  if (axis === 0 || agrees(array)) return [...array];
  const moved = array.slice(1);
  moved.splice(axis, 0, array[0]);
  return moved;
}
