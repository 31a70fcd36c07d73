/**
 * @module model/output/choose
 *
 * Finds the value of a file that is the natural parameter h. An output is chosen, what follows the logits is cut off (scikit-learn's labels and
 * maps, a final Softmax or Sigmoid where the likelihood has it inside), and an end that no natural parameter has is refused.
 */
import { FimError } from '../../core/errors.js';
import { readersOf } from '../../graph/readers.js';
import { placeholder, setting } from '../../core/settings/reference.js';
import * as b from '../../graph/build.js';
import type { FamilyName } from '../../likelihood/registry.js';
import { showShape } from '../../graph/dims.js';
import { nodesOf } from '../../graph/derive.js';
import { type Value, withOrigin } from '../../graph/value.js';
import type { ImportedModel } from '../../graph/onnx/import/model.js';
import type { Candidate } from '../../graph/onnx/import/options.js';
import { labelOf } from '../../graph/onnx/import/source.js';
import { headsOf, joinHint, namesIn } from './heads.js';
import { refuseKeptLink, removeLink } from './link.js';
import { type Masks, type MaskSettings, masksOf } from './masks.js';
import { layOut, noPositions, type Positions } from './positions.js';
import { baseName, cutTail } from './tail.js';

/** What the output is to be linked to, and how it is chosen. */
export interface OutputOptions extends MaskSettings {
  /** Axis of the classes of an output with positions, where neither a Softmax nor the rule says it. */
  readonly classAxis?: number | undefined;
  /** Name of the family that the output is linked to. */
  readonly likelihood: FamilyName;
  /** How the output is linked to the natural parameter, where that was said; see likelihood/link. */
  readonly link?: string;
  /** The output to take, or any inner value, or several between commas, joined; needed where several are floating point. */
  readonly outputName?: string;
  /** Where one output of `gaussian-mv` holds means and scales: all means first, or in turn. Default: all means first. */
  readonly outputOrder?: OutputOrder;
  /**
   * Take the output as the natural parameter: `natural` whatever its end looks like, unless that is a function which the likelihood
   * has inside; `as-it-stands` even then.
   */
  readonly outputIs?: OutputIs;
}

/** What an output may be taken as where its end looks like a function that the likelihood has inside. */
export const OUTPUT_IS = ['natural', 'as-it-stands'] as const;
/** What an output is taken as. */
export type OutputIs = (typeof OUTPUT_IS)[number];

/** Orders of two parameters for each component: all of the first, then all of the second; or in turn. */
export const OUTPUT_ORDERS = ['blocks', 'interleaved'] as const;
/** Order of means and scales in one output. */
export type OutputOrder = (typeof OUTPUT_ORDERS)[number];

/** The natural parameter that was found in a file. */
export interface ChosenOutput {
  /** The natural parameter, [N, T]. */
  readonly h: Value;
  /** Its positions where it has several. */
  readonly positions: Positions | null;
  /** The input [N, S] that says which positions have a label, where labels are ignored. */
  readonly labelMask: Value | null;
  /** The output's name in the file. */
  readonly name: string;
  /** Nodes that were cut off, the last first: `Softmax "/Softmax"`. */
  readonly removed: readonly string[];
  /** The link that a removed Exp or Softplus stands for, or that the name of a scale says; null where neither does. */
  readonly link: string | null;
  /** What was done, one sentence each. */
  readonly notes: readonly string[];
  /** What is doubtful, one sentence each. */
  readonly warnings: readonly string[];
  /** The file's tensors that h is computed from. */
  readonly candidates: readonly Candidate[];
}

/**
 * Chooses, joins and cuts. Throws `onnx/several-outputs`, `onnx/no-output`, `onnx/heads`, `onnx/squashed-output`, `onnx/kept-link`,
 * `onnx/output-shape`, and whatever reading the graph up to there throws.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `likelihood/unknown`, `model/mask`, `onnx/cycle`, `onnx/element-type`,
 * `onnx/fixed-batch`, `onnx/form`, `onnx/missing-input`, `onnx/not-finite`, `onnx/operators`, `onnx/quantised`, `onnx/too-large`,
 * `tensor/size`
 */
export function chooseOutput(model: ImportedModel, options: OutputOptions): ChosenOutput {
  const { likelihood, outputIs, outputOrder } = options;
  const notes: string[] = [];
  const text = options.outputName ?? onlyOutput(model, likelihood, notes);
  const named = namesIn(model, text);
  if (named === null) throw unknownOutput(model, text);
  const heads = headsOf(model, named, { likelihood, link: options.link, whole: outputOrder !== undefined });
  notes.push(...heads.notes);
  const asked = options.link ?? heads.link ?? undefined;
  const masks = masksOf(model, options);
  if (masks.of && heads.names.length > 1) throw noPositions(heads.names.join(','), 'several outputs, joined');
  const cutting = { likelihood, outputIs, link: asked, classAxis: options.classAxis, mask: masks.of };
  const parts = heads.names.map((name) => cutHead(model, name, cutting, notes));
  const h = inOrder(joined(parts, heads.names, likelihood, notes), outputOrder, likelihood);
  const candidates = model.candidates([h]);
  return {
    h,
    positions: parts.length === 1 ? parts[0].positions : null,
    labelMask: masks.made(),
    name: heads.names.join(','),
    removed: parts.flatMap((part) => part.removed),
    link: parts[0].found ?? heads.link,
    notes,
    warnings: [
      ...heads.warnings,
      ...parts.flatMap((part) => part.warnings),
      ...mergedWarnings(h, candidates),
    ],
    candidates,
  };
}

interface CutOptions {
  readonly likelihood: FamilyName;
  readonly outputIs: OutputIs | undefined;
  readonly link: string | undefined;
  readonly classAxis: number | undefined;
  readonly mask: Masks['of'];
}

interface HeadPart {
  readonly h: Value;
  readonly positions: Positions | null;
  readonly removed: readonly string[];
  readonly found: string | null;
  readonly warnings: readonly string[];
}

/** One output as [N, T], what the likelihood has inside cut off. */
function cutHead(model: ImportedModel, name: string, options: CutOptions, notes: string[]): HeadPart {
  const { likelihood, outputIs, link } = options;
  let classAxis: number | null = null;
  const tail = cutTail(model.source, name);
  const removed = tail.removed.map(labelOf);
  let h = model.value(tail.name);
  let found: string | null = null;
  const warnings: string[] = [];
  if (outputIs === undefined) {
    const cut = removeLink(model, h, likelihood, name, link);
    h = cut.h;
    found = cut.found;
    classAxis = cut.classAxis;
    removed.push(...cut.removed);
    notes.push(...cut.notes);
  } else {
    const kept = refuseKeptLink(model, h, likelihood, name, outputIs, link);
    if (kept !== null) warnings.push(kept);
  }
  const laid = withOrigin(`output "${name}"`, () =>
    layOut(h, { name, likelihood, classAxis: options.classAxis ?? classAxis, mask: options.mask }),
  );
  notes.push(...laid.notes);
  return { h: laid.h, positions: laid.positions, removed, found, warnings };
}

/** Heads side by side, [N, T1 + T2 + …]; one scale for several means is repeated. Throws `onnx/heads` where a pair does not fit. */
function joined(
  parts: readonly HeadPart[],
  names: readonly string[],
  likelihood: FamilyName,
  notes: string[],
): Value {
  if (parts.length === 1) return parts[0].h;
  const values = parts.map((part) => part.h);
  if (likelihood !== 'gaussian-mv') return b.concat(values, 1);
  const [means, scales] = values.map((v) => v.shape[1] as number);
  if (means === scales) return b.concat(values, 1);
  if (scales === 1) {
    notes.push(`the one scale of output "${names[1]}" is that of all ${means} means`);
    return b.concat([values[0], ...new Array<Value>(means).fill(values[1])], 1);
  }
  throw new FimError({
    code: 'onnx/heads',
    where: setting('output', names.join(',')),
    rule: 'joins as many scales as means, or one scale for all',
    got: `"${names[0]}" ${showShape(values[0].shape)}, "${names[1]}" ${showShape(values[1].shape)}`,
    next: 'name two outputs of the same width',
  });
}

/** [μ1, s1, μ2, s2, …] as [μ1, μ2, …, s1, s2, …]. Throws `onnx/heads` for a likelihood without scales. */
function inOrder(h: Value, order: OutputOrder | undefined, likelihood: FamilyName): Value {
  if (order === undefined) return h;
  if (likelihood !== 'gaussian-mv') {
    throw new FimError({
      code: 'onnx/heads',
      kind: 'usage',
      where: setting('outputOrder', order),
      rule: 'says how means and scales lie in one output, under gaussian-mv',
      got: `likelihood ${likelihood}`,
      next: 'leave `outputOrder` out',
    });
  }
  const T = h.shape[1] as number;
  if (order === 'blocks' || T % 2 === 1) return h;
  return withOrigin('interleaved outputs', () =>
    b.concat([b.slice(h, 1, 0, T, 2), b.slice(h, 1, 1, T, 2)], 1),
  );
}

/** The one output that is floating point; where none is, the one that scikit-learn's tail hides. */
function onlyOutput(model: ImportedModel, likelihood: FamilyName, notes: string[]): string {
  const floats = model.outputs.filter((o) => o.float);
  if (floats.length === 1) {
    for (const o of model.outputs) {
      if (!o.float)
        notes.push(`output "${o.name}" (${o.type}) is not a floating-point tensor and was left aside`);
    }
    return floats[0].name;
  }
  if (floats.length > 1) throw severalOutputs(model, likelihood);
  const hidden = model.outputs.filter((o) => cutTail(model.source, o.name).removed.length > 0);
  const targets = new Set(hidden.map((o) => baseName(model.source, cutTail(model.source, o.name).name)));
  if (hidden.length === 0 || targets.size > 1)
    throw targets.size > 1 ? severalOutputs(model, likelihood) : noOutput(model);
  return (hidden.find((o) => o.type === 'sequence' || o.type === 'map') ?? hidden[0]).name;
}

/** An exporter that merges equal tensors may have merged parameters that only start equal. */
function mergedWarnings(h: Value, candidates: readonly Candidate[]): string[] {
  const readers = readersOf(nodesOf([h]));
  return candidates
    .filter(({ value, tensor }) => {
      const uses = new Set(readers.get(value)?.map(({ node }) => node.origin));
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

function severalOutputs(model: ImportedModel, likelihood: FamilyName): FimError {
  return new FimError({
    code: 'onnx/several-outputs',
    kind: 'usage',
    where: model.file,
    rule: 'has several floating-point outputs, and one must be named',
    got: listOutputs(model),
    next: setting(
      'output',
      joinHint(model, likelihood) ?? model.outputs.find((o) => o.float)?.name ?? placeholder('NAME'),
    ),
  });
}

function noOutput(model: ImportedModel): FimError {
  return new FimError({
    code: 'onnx/no-output',
    where: model.file,
    rule: 'must have a floating-point output',
    got: listOutputs(model) || 'no outputs',
    next: 'export the logits, or name an inner value with `output: NAME`',
  });
}

function unknownOutput(model: ImportedModel, name: string): FimError {
  return new FimError({
    code: 'onnx/no-output',
    kind: 'usage',
    where: model.file,
    rule: `has no output and no inner value named "${name}"`,
    got: `outputs ${listOutputs(model)}`,
    next: setting('output', model.outputs[0]?.name ?? placeholder('NAME')),
  });
}
