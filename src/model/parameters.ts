/**
 * @module model/parameters
 *
 * What counts as θ in a network that somebody else wrote. A floating-point initialiser (or constant node) counts if it reaches
 * the output differentiably and is a weight or bias of a site, or a learned elementwise scale or shift. Everything else is
 * listed with the reason: rank-0 constants, running statistics, constants inside an activation, masks, and preprocessing (a
 * constant whose other operand depends on no site). The user's globs overrule both lists.
 */
import { FimError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { type Tensor, sizeOf } from '../core/tensor.js';
import { batchAxis } from '../graph/dims.js';
import type { Candidate } from '../graph/onnx/index.js';
import { dependents, type Node, nodesOf, type Value } from '../graph/index.js';

/** A candidate with the verdict. */
export interface Judged extends Candidate {
  readonly counted: boolean;
  readonly reason: string;
}

export interface ParameterChoice {
  /** Count only tensors that match one of these globs (they may name any candidate that has a derivative). */
  include?: readonly string[];
  /** Do not count tensors that match one of these globs. */
  freeze?: readonly string[];
  /** Names listed in metadata that fim wrote: decides instead of the rules. */
  known?: readonly string[];
}

/** Judges every candidate of the graph of `h`, in the order given. Throws `model/no-parameters`, `model/glob`. */
export function judgeParameters(
  h: Value,
  candidates: readonly Candidate[],
  choice: ParameterChoice = {},
): Judged[] {
  const nodes = nodesOf([h]);
  const siteOutputs = weightedProducts(nodes, candidates);
  const judged = candidates.map((c) => {
    const [counted, reason] = verdict(h, c, nodes, siteOutputs, choice);
    return { ...c, counted, reason };
  });
  for (const g of [...(choice.include ?? []), ...(choice.freeze ?? [])]) {
    if (!candidates.some((c) => globMatches(g, c.name))) throw noMatch(g, candidates);
  }
  if (!judged.some((j) => j.counted)) {
    throw new FimError({
      code: 'model/no-parameters',
      where: 'parameters',
      rule: 'no tensor counts as a parameter',
      got:
        judged.map((j) => `${j.name}: ${j.reason}`).join('; ') || 'the network has no floating-point tensors',
      next: 'list them with `fim inspect MODEL`, or name them with --parameters GLOB',
    });
  }
  return judged;
}

function verdict(
  h: Value,
  c: Candidate,
  nodes: readonly Node[],
  siteOutputs: ReadonlySet<Value>,
  choice: ParameterChoice,
): [boolean, string] {
  const reached = dependents(nodes, [c.value]);
  if (!reached.has(h)) return [false, 'does not reach the output differentiably'];
  const matches = (globs: readonly string[]) => globs.some((g) => globMatches(g, c.name));
  if (choice.freeze && matches(choice.freeze)) return [false, 'frozen by --freeze'];
  if (choice.include)
    return matches(choice.include) ? [true, 'chosen by --parameters'] : [false, 'not chosen by --parameters'];
  if (choice.known) {
    return choice.known.includes(c.name) ? [true, 'listed in the file'] : [false, 'not listed in the file'];
  }
  if (c.roles.includes('running-statistic')) return [false, 'a running statistic'];
  if (c.roles.includes('activation-constant')) return [false, "a constant of an activation's definition"];
  if (c.value.shape.length === 0) return [false, 'a rank-0 constant'];
  return byUse(c, nodes, reached, siteOutputs);
}

/** Judges by what the tensor does where it first meets data. */
function byUse(
  c: Candidate,
  nodes: readonly Node[],
  reached: ReadonlySet<Value>,
  siteOutputs: ReadonlySet<Value>,
): [boolean, string] {
  let preprocessing = false;
  for (const node of nodes) {
    const i = node.inputs.findIndex((v) => batchAxis(v.shape) < 0 && reached.has(v));
    if (i < 0 || batchAxis(node.output.shape) < 0) continue;
    const other = node.inputs[1 - i];
    if (node.op === 'MatMul')
      return isMask(c.tensor) && !direct(node.inputs[i], c.value) ? mask : [true, 'weight'];
    const learned =
      node.op === 'Add' || node.op === 'Sub' ? 'bias or shift' : node.op === 'Mul' ? 'scale' : null;
    if (learned === null) {
      if (c.roles.includes('prelu-slope')) return [true, 'slope'];
      if (c.roles.some((r) => r === 'norm-scale' || r === 'norm-shift'))
        return [true, 'scale or shift of a norm'];
      continue;
    }
    if (!siteOutputs.has(other)) {
      preprocessing = true;
      continue;
    }
    if (c.source === 'constant-node' && sizeOf(c.tensor.shape) === 1 && widerThanOne(other)) {
      return [false, 'a single constant applied elementwise'];
    }
    return [true, learned];
  }
  if (preprocessing)
    return [false, 'preprocessing: its other operand depends on no site (include it with --parameters)'];
  return [false, 'neither weight, bias, scale nor shift'];
}

const mask: [boolean, string] = [false, 'a mask: every entry is 0 or 1'];

/** A mask lets something through; zeros alone are a weight at its start. */
const isMask = (t: Tensor): boolean =>
  Array.prototype.every.call(t.data, (v: number) => v === 0 || v === 1) &&
  Array.prototype.some.call(t.data, (v: number) => v === 1);

const widerThanOne = (v: Value): boolean => v.shape[v.shape.length - 1] !== 1;

/** The operand is the tensor itself, at most transposed or cast. */
function direct(operand: Value, tensor: Value): boolean {
  let at = operand;
  while (at !== tensor) {
    if (!at.node || !['Transpose', 'Cast', 'Reshape'].includes(at.node.op)) return false;
    at = at.node.inputs[0];
  }
  return true;
}

/** Values downstream of any product of data with a tensor. */
function weightedProducts(nodes: readonly Node[], candidates: readonly Candidate[]): Set<Value> {
  const weights = dependents(
    nodes,
    candidates.map((c) => c.value),
  );
  const found = new Set<Value>();
  for (const node of nodes) {
    const product =
      node.op === 'MatMul' &&
      batchAxis(node.output.shape) >= 0 &&
      node.inputs.some((v) => batchAxis(v.shape) < 0 && weights.has(v));
    if (product || node.inputs.some((v) => found.has(v))) found.add(node.output);
  }
  return found;
}

/** `*` matches any characters, `?` one. */
export function globMatches(glob: string, name: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`).test(name);
}

function noMatch(glob: string, candidates: readonly Candidate[]): FimError {
  const names = candidates.map((c) => c.name);
  return new FimError({
    code: 'model/glob',
    kind: 'usage',
    where: `"${glob}"`,
    rule: 'matches no tensor of the network',
    got: names.join(', '),
    ...didYouMean(glob, names),
  });
}
