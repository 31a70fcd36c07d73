/**
 * @module model/reading
 *
 * Reads an ONNX file in the one way that its inputs can be meant. What is said of them (`batchAxis`, `inputShape`, `constant`) decides;
 * what is left open is tried, likeliest first, by whether an output can be read with its examples apart (graph/onnx/import/readings).
 * Two possible readings of a file that fixes all lengths are refused. Cost: a pass over the graph for each that is tried.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { FloatType } from '../core/tensor.js';
import { batchAxis } from '../graph/dims.js';
import {
  axisOf,
  decodeModel,
  type ImportedModel,
  importDecoded,
  type InputsSaid,
  type OnnxModel,
  type Reading,
  readingsOf,
  type Source,
  sourceOf,
} from '../graph/onnx/index.js';
import type { ExternalFiles } from '../graph/onnx/proto/external.js';
import { type Cut, onlyOf } from './front/index.js';
import { type InputSettings, inputsSaid } from './inputs-said.js';
import { testedApart } from './tested.js';

/** How a file is read. */
export interface ReadOptions extends InputSettings {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Precision of the work. */
  readonly dtype: FloatType;
  /** Reads external data by its location beside the file. */
  readonly external?: ExternalFiles;
  /** Outputs that are asked for, between commas; default: those that are floating point. */
  readonly output?: string | undefined;
  /** Shapes of the arrays that are to feed the inputs, by input; asked for where the file leaves lengths or axes open. */
  readonly arrays?: (() => ReadonlyMap<string, readonly number[]>) | undefined;
  /** The file cut at a value: what is behind is read in its place. */
  readonly cut?: Cut | undefined;
}

/** A file that has been read, and what was inferred on the way. */
export interface ReadModel {
  /** The file. */
  readonly model: ImportedModel;
  /** What was inferred of its inputs, one sentence each. */
  readonly notes: readonly string[];
}

/** One way to read the file, tried. */
interface Attempt {
  readonly reading: Reading;
  readonly model: ImportedModel | null;
  readonly error: FimError | null;
  /** Whether it was not read as far as its examples: no other reading would be. */
  readonly short: boolean;
}

/**
 * Reads a file. Throws what `importModel` throws, the errors of `inputsSaid`, and `onnx/two-readings`.
 * @throws FimError with `graph/examples-coupled`
 */
export function readModel(bytes: Uint8Array, options: ReadOptions): ReadModel {
  const { file, dtype, external } = options;
  const decoded = options.cut?.tail ?? decodeModel(bytes, { file, ...(external && { external }) });
  const source = sourceOf(decoded.graph, file);
  const said = inputsSaid(source, settingsOf(source, options));
  const arrays = options.arrays && isOpen(source, said) ? arraysOf(source, options) : said.arrays;
  const { readings, settled } = readingsOf(source, { ...said, arrays });
  const at = (reading: Reading): ImportedModel => importDecoded(decoded, { file, dtype, reading });
  if (readings.length === 1) {
    const model = at(readings[0]);
    explainMixing(decoded, model, options);
    return { model, notes: notesOf(source, model, said) };
  }
  const tried: Attempt[] = [];
  for (const reading of readings) {
    const attempt = tryReading(() => at(reading), reading, options.output);
    tried.push(attempt);
    if (attempt.model && (settled || attempt.short || surely(attempt.model, tried))) break;
  }
  const works = tried.filter((a) => a.model !== null);
  if (works.length > 1 && !works.some((a) => a.short)) throw twoReadings(source, works);
  const model = works[0]?.model ?? at(readings[0]);
  if (works.length === 0) explainMixing(decoded, model, options);
  return { model, notes: notesOf(source, model, said) };
}

/** Settings of the inputs; behind a cut those of the inputs that are left, and the axes of the values that it was made at. */
function settingsOf(source: Source, options: ReadOptions): InputSettings {
  if (!options.cut) return options;
  const left = onlyOf(options, new Set(source.dataInputs.map(({ name }) => name)));
  return { ...left, batchAxis: { ...Object.fromEntries(options.cut.front.axes), ...left.batchAxis } };
}

/** Shapes of the arrays that feed inputs; none feeds a value that the file was cut at. */
function arraysOf(source: Source, { arrays, cut }: ReadOptions): ReadonlyMap<string, readonly number[]> {
  const shapes = arrays?.() ?? new Map<string, readonly number[]>();
  if (!cut) return shapes;
  return new Map(
    source.dataInputs.flatMap(({ name }) => {
      const shape = cut.front.axes.has(name) ? undefined : shapes.get(name);
      return shape ? [[name, shape] as const] : [];
    }),
  );
}

/** Whether the first axis has the length 1 of an example input and can be read: then it is the batch. */
const surely = (model: ImportedModel, tried: readonly Attempt[]): boolean =>
  tried.length === 1 && model.fixedBatch === 1;

/** Whether the file leaves more open than the number of examples along first axes. */
function isOpen(source: Source, said: InputsSaid): boolean {
  return source.dataInputs.some(
    ({ name, shape }) =>
      !said.constants.has(name) &&
      (shape === null || typeof shape[0] === 'number' || shape.slice(1).some((d) => typeof d !== 'number')),
  );
}

function tryReading(at: () => ImportedModel, reading: Reading, output: string | undefined): Attempt {
  try {
    const model = at();
    const error = refusalOf(model, output);
    if (error === 'short') return { reading, model, error: null, short: true };
    return { reading, model: error === null ? model : null, error, short: false };
  } catch (error) {
    if (!(error instanceof FimError)) throw error;
    return { reading, model: null, error, short: false };
  }
}

/** Why no output that is asked for can be read; null where one can; `short` where there is none, or an operator before it is not covered. */
function refusalOf(model: ImportedModel, output: string | undefined): FimError | 'short' | null {
  const floats = model.outputs.filter((o) => o.float).map((o) => o.name);
  const names = output === undefined ? floats : output.split(',');
  let first: FimError | null = null;
  for (const name of names) {
    try {
      if (batchAxis(model.value(name).shape) >= 0) return null;
    } catch (error) {
      if (!(error instanceof FimError)) throw error;
      if (error.code === 'onnx/operators' || error.code === 'onnx/quantised') return 'short';
      first ??= error;
    }
  }
  return names.length === 0 ? 'short' : first;
}

/** Where the graph joins examples for all that its symbols say, a few random ones tell whether it does. Throws `graph/examples-coupled`. */
function explainMixing(decoded: OnnxModel, model: ImportedModel, options: ReadOptions): void {
  const error = refusalOf(model, options.output);
  if (error === null || error === 'short' || error.code !== 'graph/examples-coupled') return;
  const tested = testedApart(decoded, model, options.output);
  if (tested === null) return;
  const { complaint } = error;
  throw new FimError(
    {
      ...complaint,
      ...(tested.apart ? { kind: 'unsupported' as const } : {}),
      cause: `${tested.text}; ${complaint.cause ?? ''}`,
    },
    { cause: error },
  );
}

function twoReadings(source: Source, works: readonly Attempt[]): FimError {
  const axesOf = (name: string): (number | null)[] => [
    ...new Set(works.map(({ reading }) => axisOf(reading, name))),
  ];
  const differs = source.dataInputs.find(({ name }) => axesOf(name).length > 1) ?? source.dataInputs[0];
  const { name, shape } = differs;
  const axes = axesOf(name);
  const along = axes.flatMap((axis) =>
    axis === null ? [] : [`along axis ${axis}, of length ${shape?.[axis] ?? '?'}`],
  );
  const whole = axes.includes(null) ? ' or as one example' : '';
  return new FimError({
    code: 'onnx/two-readings',
    kind: 'usage',
    where: `${source.file}, input "${name}"`,
    rule: 'one axis holds the examples, and the file fixes all lengths and does not say which',
    got: `[${(shape ?? []).map((d) => d ?? '?').join(', ')}], which can be read with the examples ${along.join(' or ')}${whole}`,
    next: axes
      .flatMap((axis) => (axis === null ? [] : [setting('batchAxis', { [name]: axis })]))
      .join(' or '),
  });
}

/** What was inferred of the inputs. */
function notesOf(source: Source, model: ImportedModel, said: InputsSaid): string[] {
  return source.dataInputs.flatMap(({ name, shape }) => {
    if (said.constants.has(name)) return [`input "${name}" is ${said.constants.get(name)!} throughout`];
    const axis = axisOf(model.reading, name);
    const open = (shape ?? []).flatMap((d, i) =>
      typeof d === 'number' || i === axis
        ? []
        : [`axis ${i} has the length ${model.reading.lengths.get(name)?.[i] ?? '?'}`],
    );
    const lengths = open.length > 0 ? [`of input "${name}" ${open.join(', ')}`] : [];
    if (said.axes.has(name) || axis === 0) return lengths;
    const where =
      axis === null
        ? `input "${name}" is one example, without an axis for several`
        : `the examples lie along axis ${axis} of input "${name}"`;
    return [where, ...lengths];
  });
}
