/**
 * @module graph/onnx/output
 *
 * Which value of a file is the natural parameter h. An output is chosen, what follows the logits is cut off (scikit-learn's labels and
 * maps, a final Softmax or Sigmoid where the likelihood has it inside), and an end that no natural parameter has is refused.
 */
import { FimError } from '../../core/errors.js';
import { isFloat } from '../../core/tensor.js';
import * as b from '../build.js';
import { batchAxis, isBatch, N, showShape } from '../dims.js';
import { nodesOf } from '../derive.js';
import { type Value, withOrigin } from '../value.js';
import type { Candidate, ImportedModel } from './import/model.js';
import { labelOf } from './import/source.js';
import { type OutputLikelihood, removeLink } from './output/link.js';
import { baseName, cutTail } from './output/tail.js';

export interface OutputOptions {
  readonly likelihood: OutputLikelihood;
  /** How the output is linked to the natural parameter, where that was said; see likelihood/link. */
  readonly link?: string;
  /** The output to take, or any inner value; needed where several are floating point. */
  readonly outputName?: string;
  /** Take the output as the natural parameter whatever its end looks like. */
  readonly outputIs?: 'natural';
}

export interface ChosenOutput {
  /** The natural parameter, [N, T]. */
  readonly h: Value;
  /** The output's name in the file. */
  readonly name: string;
  /** Nodes that were cut off, the last first: `Softmax "/Softmax"`. */
  readonly removed: readonly string[];
  /** The link that a removed Exp or Softplus stands for; null where the output is as it was. */
  readonly link: string | null;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** The file's tensors that h is computed from. */
  readonly candidates: readonly Candidate[];
}

/**
 * Chooses and cuts. Throws `onnx/several-outputs`, `onnx/no-output`, `onnx/squashed-output`, `onnx/output-shape`, and whatever reading
 * the graph up to there throws.
 */
export function chooseOutput(model: ImportedModel, options: OutputOptions): ChosenOutput {
  const notes: string[] = [];
  const name = options.outputName ?? onlyOutput(model, notes);
  const declared = model.outputs.some((o) => o.name === name);
  if (!declared && !model.source.makers.has(name)) throw unknownOutput(model, name);
  const tail = cutTail(model.source, name);
  const removed = tail.removed.map(labelOf);
  let h = model.value(tail.name);
  let found: string | null = null;
  if (options.outputIs !== 'natural') {
    const link = removeLink(model, h, options.likelihood, name, options.link);
    h = link.h;
    found = link.found;
    removed.push(...link.removed);
    notes.push(...link.notes);
  }
  h = withOrigin(`output "${name}"`, () => asMatrix(h, name, options.likelihood, notes));
  const candidates = model.candidates([h]);
  return { h, name, removed, link: found, notes, warnings: mergedWarnings(h, candidates), candidates };
}

/** The one output that is floating point; where none is, the one that scikit-learn's tail hides. */
function onlyOutput(model: ImportedModel, notes: string[]): string {
  const floats = model.outputs.filter((o) => o.float);
  if (floats.length === 1) {
    for (const o of model.outputs) {
      if (!o.float)
        notes.push(`output "${o.name}" (${o.type}) is not a floating-point tensor and was left aside`);
    }
    return floats[0].name;
  }
  if (floats.length > 1) throw severalOutputs(model);
  const hidden = model.outputs.filter((o) => cutTail(model.source, o.name).removed.length > 0);
  const targets = new Set(hidden.map((o) => baseName(model.source, cutTail(model.source, o.name).name)));
  if (hidden.length === 0 || targets.size > 1)
    throw targets.size > 1 ? severalOutputs(model) : noOutput(model);
  return (hidden.find((o) => o.type === 'sequence' || o.type === 'map') ?? hidden[0]).name;
}

/** h as [N, T]. */
function asMatrix(h: Value, name: string, likelihood: OutputLikelihood, notes: string[]): Value {
  const { shape } = h;
  const fail = (rule: string, next: string): FimError =>
    new FimError({
      code: 'onnx/output-shape',
      where: `output "${name}"`,
      rule,
      got: `${h.dtype}${showShape(shape)}`,
      next,
    });
  if (!isFloat(h.dtype)) throw fail('must be floating point', 'name another value with --output NAME');
  if (batchAxis(shape) < 0) {
    throw fail(
      'must depend on the examples',
      'check that the exported output is the one computed from the input',
    );
  }
  if (!isBatch(shape[0]))
    throw fail('must have the examples along its first axis', 'transpose the output before exporting');
  if (shape.length === 2 && shape[0].batch === 1) return h;
  const rest = shape.slice(1).reduce<number>((p, d) => p * (d as number), shape[0].batch);
  if (likelihood !== 'categorical') {
    if (shape.length > 1) notes.push(`output ${showShape(shape)} is read row by row as [N, ${rest}]`);
    return b.reshape(h, [N, rest]);
  }
  throw fail(
    'a categorical output is [N, classes]: one choice for each example',
    shape.length === 1
      ? 'one number for each example is a Bernoulli logit: --likelihood bernoulli'
      : 'several choices for each example (a sequence, an image) are not covered; export the logits of one',
  );
}

/** An exporter that merges equal tensors may have merged parameters that only start equal. */
function mergedWarnings(h: Value, candidates: readonly Candidate[]): string[] {
  const nodes = nodesOf([h]);
  return candidates
    .filter(({ value, tensor }) => {
      const uses = new Set(nodes.filter((n) => n.inputs.includes(value)).map((n) => n.origin));
      const data = tensor.data as Float64Array;
      return uses.size > 1 && data.length > 1 && data.every((x) => x === data[0]);
    })
    .map(
      ({ name, tensor }) =>
        `"${name}" is used more than once and all its entries are ${Number(tensor.data[0])}: the exporter may have merged separate parameters`,
    );
}

/**
 * Whether rows look like class probabilities: every entry in [0, 1] and every row of sum 1, to float32 rounding. Logits of a first
 * batch do not, short of a miracle; a network with its Softmax written out in other operators does.
 */
export function looksLikeProbabilities(h: ArrayLike<number>, n: number, T: number): boolean {
  if (n < 1 || T < 2) return false;
  for (let e = 0; e < n; e++) {
    let sum = 0;
    for (let t = 0; t < T; t++) {
      const p = h[e * T + t];
      if (!(p >= 0 && p <= 1 + 1e-6)) return false;
      sum += p;
    }
    if (Math.abs(sum - 1) > 1e-4) return false;
  }
  return true;
}

const listOutputs = (model: ImportedModel): string =>
  model.outputs.map((o) => `"${o.name}" (${o.type})`).join(', ');

function severalOutputs(model: ImportedModel): FimError {
  return new FimError({
    code: 'onnx/several-outputs',
    kind: 'usage',
    where: model.file,
    rule: 'has several floating-point outputs, and one must be named',
    got: listOutputs(model),
    next: `--output ${model.outputs.find((o) => o.float)?.name ?? 'NAME'}`,
  });
}

function noOutput(model: ImportedModel): FimError {
  return new FimError({
    code: 'onnx/no-output',
    where: model.file,
    rule: 'must have a floating-point output',
    got: listOutputs(model) || 'no outputs',
    next: 'export the logits, or name an inner value with --output NAME',
  });
}

function unknownOutput(model: ImportedModel, name: string): FimError {
  return new FimError({
    code: 'onnx/no-output',
    kind: 'usage',
    where: model.file,
    rule: `has no output and no inner value named "${name}"`,
    got: `outputs ${listOutputs(model)}`,
    next: `--output ${model.outputs[0]?.name ?? 'NAME'}`,
  });
}
