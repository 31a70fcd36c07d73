/**
 * @module model/inputs-said
 *
 * Statements of a user on the inputs of a file: the axis of the examples, shapes, constants. Names, axes and shapes are held against the file.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { nearest } from '../core/suggest.js';
import type { InputsSaid, Source } from '../graph/onnx/index.js';

/** Lengths of an input, N at the axis of the examples: `'N,3,48,320'` or `['N', 3, 48, 320]`. */
export type InputShape = string | readonly (number | 'N')[];

/** Settings of a file's inputs, each by the input's name. */
export interface InputSettings {
  /** Axis that holds the examples. */
  readonly batchAxis?: Readonly<Record<string, number>> | undefined;
  /** Shape, with N for the number of examples, where the file leaves lengths open. */
  readonly inputShape?: Readonly<Record<string, InputShape>> | undefined;
  /** Value of an input that is the same for all examples. */
  readonly constant?: Readonly<Record<string, number>> | undefined;
}

type Declared = Source['dataInputs'][number];

/** Throws `onnx/input-name`, `onnx/batch-axis`, `onnx/said-shape`. */
export function inputsSaid(source: Source, settings: InputSettings): InputsSaid {
  const { batchAxis = {}, inputShape = {}, constant = {} } = settings;
  const axes = new Map<string, number>();
  for (const [name, axis] of Object.entries(batchAxis)) {
    const rank = declared(source, name, setting('batchAxis', { [name]: axis })).shape?.length ?? null;
    const own = rank !== null && axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(axis) || own < 0 || (rank !== null && own >= rank)) throw noAxis(name, axis, rank);
    axes.set(name, own);
  }
  const shapes = new Map<string, readonly (number | null)[]>();
  for (const [name, shape] of Object.entries(inputShape)) {
    const where = setting('inputShape', { [name]: typeof shape === 'string' ? shape : shape.join(',') });
    shapes.set(name, parseShape(shape, declared(source, name, where), where, axes.get(name)));
  }
  const constants = new Map<string, number>();
  for (const [name, value] of Object.entries(constant)) {
    declared(source, name, setting('constant', { [name]: value }));
    constants.set(name, value);
  }
  return { axes, shapes, constants, arrays: new Map() };
}

function declared(source: Source, name: string, where: string): Declared {
  const found = source.dataInputs.find((i) => i.name === name);
  if (found) return found;
  const names = source.dataInputs.map((i) => i.name);
  const near = nearest(name, names);
  throw new FimError({
    code: 'onnx/input-name',
    kind: 'usage',
    where,
    rule: `names an input of ${source.file}`,
    got: `its inputs are ${names.join(', ') || 'none'}`,
    next: near === null ? 'fim inspect MODEL lists them' : where.replace(name, near),
  });
}

function noAxis(name: string, axis: number, rank: number | null): FimError {
  return new FimError({
    code: 'onnx/batch-axis',
    kind: 'usage',
    where: setting('batchAxis', { [name]: axis }),
    rule: `is an axis of input "${name}"`,
    got: rank === null ? `${axis}` : `${axis}; it has ${rank} axes, counted from 0`,
    next: setting('batchAxis', { [name]: 0 }),
  });
}

/** `N,3,48,320`; N may be left to the axis that is said or inferred. Throws `onnx/said-shape`. */
function parseShape(
  shape: InputShape,
  { name, shape: own }: Declared,
  where: string,
  axis: number | undefined,
): (number | null)[] {
  const parts = typeof shape === 'string' ? shape.split(',').map((s) => s.trim()) : shape;
  const wrong = (rule: string, got: string): FimError =>
    new FimError({
      code: 'onnx/said-shape',
      kind: 'usage',
      where,
      rule,
      got,
      next: setting('inputShape', {
        [name]: (own ?? ['N', 3, 48]).map((d, i) => (i === (axis ?? 0) ? 'N' : (d ?? 8))).join(','),
      }),
    });
  const lengths = parts.map((part): number | null => {
    if (part === 'N' || part === 'n') return null;
    const d = Number(part);
    if (!Number.isInteger(d) || d < 1) throw wrong('is N and whole numbers from 1 on', String(part));
    return d;
  });
  if (lengths.filter((d) => d === null).length > 1)
    throw wrong('has one N, the number of examples', parts.join(','));
  if (own === null) return lengths;
  if (own.length !== lengths.length) throw wrong(`has ${own.length} axes, as the input`, `${lengths.length}`);
  own.forEach((d, i) => {
    if (typeof d === 'number' && lengths[i] !== null && lengths[i] !== d)
      throw wrong(`has the lengths that the file fixes: axis ${i} is ${d}`, String(lengths[i]));
  });
  const at = lengths.indexOf(null);
  if (axis !== undefined && at >= 0 && at !== axis)
    throw wrong(`has N at axis ${axis}, as \`batchAxis\` says`, `axis ${at}`);
  return lengths;
}
