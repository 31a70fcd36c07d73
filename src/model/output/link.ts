/**
 * @module model/output/link
 *
 * The function at the end of a network that a likelihood already has inside. Under `categorical` a final Softmax is removed, and a
 * final LogSoftmax stays (log-probabilities are natural parameters); under `bernoulli` a final Sigmoid, its logarithm, or
 * scikit-learn's two columns 1 − σ(z), σ(z) give way to z, under `binomial` too; under `gaussian` the output is the mean as it stands.
 * Under `poisson`, `exponential` and `gamma` a final Exp or Softplus makes the mean: it is removed and stands for the link `log` or
 * `softplus` (or what `--link` says of the same operator). Any other end that keeps the output from half of the line is no natural
 * parameter, unless `--link` says that it is the mean, or a scale.
 */
import { FimError } from '../../core/errors.js';
import { placeholder, setting } from '../../core/settings/reference.js';
import { isBatch, showShape } from '../../graph/dims.js';
import { substitute } from '../../graph/substitute.js';
import type { Value } from '../../graph/value.js';
import type { ImportedModel } from '../../graph/onnx/import/model.js';
import { labelOf } from '../../graph/onnx/import/source.js';
import { type FamilyName, getFamily } from '../../likelihood/registry.js';
import type { FamilyEnd } from '../../likelihood/types.js';

/** Links under which the output is itself a positive quantity. */
const AS_IT_STANDS: ReadonlySet<string> = new Set(['identity', 'sd', 'variance']);

export interface Link {
  readonly h: Value;
  readonly removed: readonly string[];
  /** The link that what was removed stands for; null: none. */
  readonly found: string | null;
  readonly notes: readonly string[];
  /** Axis of the output along which a Softmax made probabilities of classes; null where none did. */
  readonly classAxis: number | null;
}

/** Core operators that hand on elements as they are. */
const MOVING = new Set(['Reshape', 'Transpose', 'Slice', 'Expand', 'Concat']);

/** ONNX operators whose result does not reach the whole line. */
const SQUASHING = new Set([
  'Abs',
  'Celu',
  'Clip',
  'Elu',
  'Erf',
  'Exp',
  'Gelu',
  'HardSigmoid',
  'HardSwish',
  'LogSoftmax',
  'Mish',
  'Relu',
  'Selu',
  'Sigmoid',
  'Softmax',
  'Softplus',
  'Softsign',
  'Sqrt',
  'Tanh',
  'ThresholdedRelu',
]);

/** Ends that a mean or the logarithm of a scale may have. */
const BOUNDED: ReadonlySet<string> = new Set([
  'Clip',
  'HardSigmoid',
  'Max',
  'Min',
  'Sigmoid',
  'Softsign',
  'Tanh',
]);

/** Removes the link from the end of `h`. Throws `onnx/squashed-output`. */
export function removeLink(
  model: ImportedModel,
  h: Value,
  likelihood: FamilyName,
  output: string,
  asked?: string,
): Link {
  const one = isOne(model);
  const ends = endsOf(h);
  const notes: string[] = [];
  const { inside, bounded } = getFamily(likelihood).end;
  const mean = inside === 'mean' ? positiveMean(ends, likelihood, asked) : null;
  const cut =
    inside === 'softmax' ? categorical(h, ends) : inside === 'sigmoid' ? bernoulli(h, ends, one) : mean;
  let classAxis = cut && inside === 'softmax' ? classAxisOf(h, cut.nodes[cut.nodes.length - 1]) : null;
  const after = cut ? substitute([h], new Map([[cut.from, cut.to]]))[0] : h;
  const result = cut?.whole ? cut.to : after;
  for (const end of endsOf(result)) {
    const name = squashing(model, end, one);
    if (name === null || (asked !== undefined && AS_IT_STANDS.has(asked))) continue;
    if (inside === 'softmax' && end.node?.op === 'LogSoftmax') {
      if (overClasses(end) || classAxisOf(result, end) !== null) {
        classAxis = classAxisOf(result, end);
        continue;
      }
    } else if (bounded === 'mean' && (name.op === 'Tanh' || name.op === 'Sigmoid')) {
      notes.push(`the output ends in ${name.label}: a mean between ${name.op === 'Tanh' ? '−1' : '0'} and 1`);
      continue;
    } else if (bounded === 'scales' && BOUNDED.has(name.op)) {
      notes.push(`the output ends in ${name.label}: means or scales between bounds`);
      continue;
    }
    throw squashed(output, likelihood, name, result, cut !== null);
  }
  const removed = cut ? cut.nodes.map((v) => labelAt(model, v)) : [];
  return { h: result, removed, found: mean?.link ?? null, notes, classAxis };
}

/**
 * Judges an output that is taken as the natural parameter although it ends in a function that the likelihood has inside: a Softmax
 * under `categorical`, a Sigmoid under `bernoulli`, the Exp of a mean. A loss that takes natural parameters would apply it a second
 * time, which is seldom meant. Returns a warning where that was confirmed, null where there is no such end.
 * Throws `onnx/kept-link` where it was not.
 */
export function refuseKeptLink(
  model: ImportedModel,
  h: Value,
  likelihood: FamilyName,
  output: string,
  outputIs: 'natural' | 'as-it-stands',
  asked?: string,
): string | null {
  if (asked !== undefined && AS_IT_STANDS.has(asked)) return null;
  const end = keptLink(model, h, likelihood, asked);
  if (end === null) return null;
  const inside = `${likelihood} has its ${getFamily(likelihood).end.called ?? 'link'} inside`;
  if (outputIs === 'as-it-stands') {
    return `output "${output}" ends in ${end} and is taken as the natural parameter as it stands, as asked: ${inside}, so that it is applied a second time`;
  }
  throw new FimError({
    code: 'onnx/kept-link',
    where: `output "${output}"`,
    rule: `${inside}: what this output holds is its result, no natural parameter`,
    got: `${end} at the end`,
    next: "leave `outputIs` out and it is removed; only where the loss applied another one to these numbers: `outputIs: 'as-it-stands'`",
  });
}

/** The end that makes a probability or a mean of a natural parameter, by name; null where there is none. */
function keptLink(
  model: ImportedModel,
  h: Value,
  likelihood: FamilyName,
  asked: string | undefined,
): string | null {
  const one = isOne(model);
  const ends = endsOf(h);
  const { inside } = getFamily(likelihood).end;
  if (inside === 'mean') {
    const mean = positiveMean(ends, likelihood, asked === 'canonical' ? undefined : asked);
    return mean && labelAt(model, mean.from);
  }
  if (inside === 'softmax') {
    const end = ends.find((v) => v.node?.op === 'Softmax' || sigmoidOf(v, one) !== null);
    return end ? labelAt(model, end) : null;
  }
  if (inside !== 'sigmoid') return null;
  const soft = ends.find((v) => v.node?.op === 'Softmax');
  if (soft) return labelAt(model, soft);
  for (const v of ends) if (bernoulli(v, [v], one)) return labelAt(model, v);
  return twoColumns(h, one) ? labelAt(model, h) : null;
}

/** Whether a value is the number 1 of the file. */
const isOne =
  (model: ImportedModel) =>
  (v: Value): boolean => {
    const t = model.tensorOf(v);
    return t !== null && t.data.length === 1 && Number(t.data[0]) === 1;
  };

/** What stands before the movers at the end: one value, or several that a Concat joins. */
function endsOf(h: Value): Value[] {
  const ends = new Set<Value>();
  const stack = [h];
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (v.node && MOVING.has(v.node.op)) stack.push(...v.node.inputs);
    else ends.add(v);
  }
  return [...ends];
}

interface Removal {
  readonly from: Value;
  readonly to: Value;
  /** Values whose nodes vanish, the last first. */
  readonly nodes: readonly Value[];
  /** `to` replaces the whole output, movers and all. */
  readonly whole?: boolean;
}

/**
 * Exp or Softplus before a positive mean, and the link that it stands for: `log` or `softplus`, or another name of the same
 * operator that was asked for. null where `asked` says something else, which then judges the output as it stands.
 */
function positiveMean(
  ends: readonly Value[],
  likelihood: FamilyName,
  asked: string | undefined,
): (Removal & { readonly link: string }) | null {
  const op = ends.length === 1 ? ends[0].node?.op : undefined;
  const same = op === 'Exp' ? ['log', 'log-rate'] : op === 'Softplus' ? ['softplus'] : [];
  if (op === 'Exp' && likelihood === 'poisson') same.push('canonical');
  const link = asked === undefined ? same[0] : same.find((l) => l === asked);
  if (link === undefined) return null;
  return { from: ends[0], to: ends[0].node!.inputs[0], nodes: [ends[0]], link };
}

/** Softmax over the classes, or its logarithm in two operators. */
function categorical(h: Value, ends: readonly Value[]): Removal | null {
  if (ends.length !== 1) return null;
  const [end] = ends;
  const inner = end.node?.op === 'Log' ? end.node.inputs[0] : end;
  if (inner.node?.op !== 'Softmax') return null;
  if (!overClasses(inner) && classAxisOf(h, inner) === null) return null;
  return { from: end, to: inner.node.inputs[0], nodes: inner === end ? [end] : [end, inner] };
}

/** Whether a Softmax runs over every element that an example has: its axis is the class axis. */
function overClasses(v: Value): boolean {
  const axis = v.node!.attrs.axis as number;
  return v.shape.every((d, i) => i === axis || (isBatch(d) ? d.batch === 1 : d === 1));
}

/**
 * The axis of `h` that the axis of a Softmax or LogSoftmax became, where `h` has an axis for positions beside it: through transposes, and
 * reshapes that leave the last axis as it is. null where it cannot be followed.
 */
function classAxisOf(h: Value, end: Value): number | null {
  if (h.shape.length < 3 && h.shape.every((d) => !isBatch(d) || d.batch === 1)) return null;
  const chain: Value[] = [];
  for (let v = h; v !== end; v = v.node.inputs[0]) {
    if (v.node?.op === 'Log' && v.node.inputs[0] === end) break;
    if (v.node?.op !== 'Reshape' && v.node?.op !== 'Transpose') return null;
    chain.unshift(v);
  }
  let axis = end.node!.attrs.axis as number;
  let from = end;
  for (const v of chain) {
    if (v.node!.op === 'Transpose') axis = (v.node!.attrs.perm as readonly number[]).indexOf(axis);
    else {
      const last = from.shape.length - 1;
      if (axis !== last || v.shape[v.shape.length - 1] !== from.shape[last]) return null;
      axis = v.shape.length - 1;
    }
    from = v;
  }
  return axis;
}

/** Sigmoid; its logarithm, as Log of it or as −softplus(−z); or the two columns of a binary classifier. */
function bernoulli(h: Value, ends: readonly Value[], one: (v: Value) => boolean): Removal | null {
  const columns = twoColumns(h, one);
  if (columns) return columns;
  if (ends.length !== 1) return null;
  const [end] = ends;
  const inner = end.node?.op === 'Log' ? end.node.inputs[0] : end;
  const z = sigmoidOf(inner, one);
  if (z) return { from: end, to: z, nodes: inner === end ? [end] : [end, inner] };
  const soft = end.node?.op === 'Neg' ? end.node.inputs[0] : null;
  if (soft?.node?.op !== 'Softplus') return null;
  const negated = soft.node.inputs[0];
  return negated.node?.op === 'Neg'
    ? { from: end, to: negated.node.inputs[0], nodes: [end, soft, negated] }
    : null;
}

/** z where v is σ(z), in one operator or as 1/(1 + e⁻ᶻ). */
function sigmoidOf(v: Value, one: (v: Value) => boolean): Value | null {
  if (v.node?.op === 'Sigmoid') return v.node.inputs[0];
  const sum =
    v.node?.op === 'Reciprocal'
      ? v.node.inputs[0]
      : v.node?.op === 'Div' && one(v.node.inputs[0])
        ? v.node.inputs[1]
        : null;
  if (sum?.node?.op !== 'Add') return null;
  const [p, q] = sum.node.inputs;
  const e = one(p) ? q : one(q) ? p : null;
  const negated = e?.node?.op === 'Exp' ? e.node.inputs[0] : null;
  return negated?.node?.op === 'Neg' ? negated.node.inputs[0] : null;
}

/** Concat(1 − σ(z), σ(z)), as scikit-learn's converter ends a binary classifier. */
function twoColumns(h: Value, one: (v: Value) => boolean): Removal | null {
  let v = h;
  while (v.node?.op === 'Reshape') v = v.node.inputs[0];
  if (v.node?.op !== 'Concat' || v.node.inputs.length !== 2) return null;
  const [no, yes] = v.node.inputs;
  if (no.node?.op !== 'Sub' || !one(no.node.inputs[0]) || no.node.inputs[1] !== yes) return null;
  const z = sigmoidOf(yes, one);
  return z && { from: v, to: z, nodes: [v, no, yes], whole: true };
}

interface Squash {
  readonly op: string;
  readonly label: string;
}

/** The operator at this end where its values do not reach the whole line. */
function squashing(model: ImportedModel, end: Value, one: (v: Value) => boolean): Squash | null {
  const node = model.madeBy(end);
  if (node && SQUASHING.has(node.opType)) return { op: node.opType, label: labelOf(node) };
  if (sigmoidOf(end, one)) return { op: 'Sigmoid', label: `${labelAt(model, end)} (a sigmoid written out)` };
  if (
    end.node &&
    (end.node.op === 'Max' || end.node.op === 'Min') &&
    end.node.inputs.some((v) => v.constant)
  ) {
    return { op: end.node.op, label: labelAt(model, end) };
  }
  return null;
}

function labelAt(model: ImportedModel, v: Value): string {
  const node = model.madeBy(v);
  return node ? labelOf(node) : (v.node?.origin ?? v.name);
}

function squashed(output: string, likelihood: FamilyName, s: Squash, h: Value, again: boolean): FimError {
  const { end } = getFamily(likelihood);
  // Probabilities are natural parameters of a discrete choice only where the loss took them for logits.
  const doubtful =
    (s.op === 'Sigmoid' || s.op === 'Softmax') && (end.inside === 'softmax' || end.inside === 'sigmoid');
  const confirm = doubtful
    ? "`outputIs: 'as-it-stands'`, only where the loss took these numbers for logits"
    : "`outputIs: 'natural'`";
  return new FimError({
    code: 'onnx/squashed-output',
    where: `output "${output}"`,
    rule: `under ${likelihood} the output is ${end.output}`,
    got: `${s.label} at the end${again ? ', below the one that was removed' : ''}, over ${showShape(h.shape)}`,
    cause: 'the network was exported with a function of its loss or of its prediction at the end',
    next: `${otherwise(s.op, end)}export without it, name an earlier value with ${setting('output', placeholder('NAME'))}, or say ${confirm}`,
  });
}

/** Another likelihood or link under which this end would be right, as the beginning of a next step. */
function otherwise(op: string, { inside, bounded }: FamilyEnd): string {
  if (op === 'Sigmoid' && inside === 'softmax') return `${setting('likelihood', 'bernoulli')}, or `;
  if ((op === 'Softmax' || op === 'LogSoftmax') && inside !== 'softmax')
    return `${setting('likelihood', 'categorical')}, or `;
  if (bounded === 'scales')
    return `${setting('link', 'sd')} where the last outputs are standard deviations, or `;
  if (inside !== 'mean') return '';
  if (op === 'Exp' || op === 'Softplus') return `${setting('link', op === 'Exp' ? 'log' : 'softplus')}, or `;
  return `${setting('link', 'identity')}, if the output is the mean, or `;
}
