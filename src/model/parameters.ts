/**
 * @module model/parameters
 *
 * Decides which tensors count as θ in a network that somebody else wrote: evidence before role. A floating-point tensor that reaches the output by a
 * path with a derivative is a candidate, whatever it does there. Decided by evidence: scale and shift of a normalisation operator count,
 * running statistics never; names that frameworks give to parameters count; numbers in PyTorch's code (Constant nodes), masks and tables
 * of sines do not. Everything else is decided by what it does where it meets data, and is a doubt, counted or not. The user's globs
 * select from the candidates; a glob with a wildcard never brings in what certainly is no parameter.
 */
import { FimError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { batchAxis } from '../graph/dims.js';
import type { Candidate, NameEvidence } from '../graph/onnx/index.js';
import { dependents, type Node, nodesOf, type Shape, type Value } from '../graph/index.js';
import { meetingsOf, reaching, readersOf, type Use } from '../graph/readers.js';
import {
  isBlocking,
  isMask,
  isWaveTable,
  namedAsBuffer,
  namedAsParameter,
  namedAsStatistic,
} from './evidence.js';

/** A candidate with the verdict. */
export interface Judged extends Candidate {
  /** Whether it is a parameter. */
  readonly counted: boolean;
  /** Why, or why not. */
  readonly reason: string;
  /** Where a file of names says what θ is: the tensors of the network's file that it stands for. */
  readonly tensors?: readonly string[];
  /** Neither names nor numbers decide: it might as well be the other way round. */
  readonly doubt: boolean;
}

/** Globs of names that count as parameters, and of names that do not. */
export interface ParameterChoice {
  /** Count only tensors that match one of these globs (they may name any candidate that has a derivative). */
  include?: readonly string[];
  /** Do not count tensors that match one of these globs. */
  freeze?: readonly string[];
  /** Names listed in metadata that fim wrote: decides instead of the rules. */
  known?: readonly string[];
  /** What the names of the file tell; default: nothing. */
  names?: NameEvidence;
}

interface Verdict {
  readonly counted: boolean;
  readonly reason: string;
  readonly doubt: boolean;
}

const sure = (counted: boolean, reason: string): Verdict => ({ counted, reason, doubt: false });
const perhaps = (counted: boolean, reason: string): Verdict => ({ counted, reason, doubt: true });

/** Judges every candidate of the graph of `h`, in the order given. Throws `model/no-parameters`, `model/glob`. */
export function judgeParameters(
  h: Value,
  candidates: readonly Candidate[],
  choice: ParameterChoice = {},
): Judged[] {
  const nodes = nodesOf([h]);
  const behind = behindTensors(nodes, candidates);
  const reach = reaching(nodes, h);
  const uses = meetingsOf(nodes, readersOf(nodes));
  const judged = candidates.map((c) => {
    if (!reach.has(c.value)) return { ...c, ...sure(false, 'does not reach the output differentiably') };
    return { ...c, ...verdict(c, meetings(c, uses.get(c.value) ?? [], behind), choice) };
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
      next: 'list them with `fim inspect MODEL`, or name them with `parameters: GLOB`',
    });
  }
  return judged;
}

function verdict(c: Candidate, uses: readonly Meeting[], choice: ParameterChoice): Verdict {
  const { include, freeze, known, names } = choice;
  if (freeze?.some((g) => globMatches(g, c.name))) return sure(false, 'frozen by `freeze`');
  if (!include && known) {
    return known.includes(c.name) ? sure(true, 'listed in the file') : sure(false, 'not listed in the file');
  }
  const own = byEvidence(c, uses, names);
  if (!include) return own;
  if (include.includes(c.name)) return sure(true, 'chosen by `parameters`');
  if (!include.some((g) => globMatches(g, c.name))) return sure(false, 'not chosen by `parameters`');
  if (!own.counted && !own.doubt) return sure(false, `${own.reason} (a wildcard does not choose it)`);
  return { counted: true, reason: 'chosen by `parameters`', doubt: own.doubt && known === undefined };
}

/** A node where a candidate, or what is made of it alone, meets data. */
interface Meeting {
  readonly op: string;
  /** The operand is the tensor itself, at most moved. */
  readonly direct: boolean;
  /** The first other operand, which has the examples. */
  readonly other: Value | undefined;
  /** A product of data with a tensor lies before the other operand; the last: directly. `rows`: rows of a table that ids choose. */
  readonly behind: 'nothing' | 'rows' | 'site' | 'product';
  /** The operand has more numbers along an axis than the other one: what comes out is more than the data moved or scaled. */
  readonly widens: boolean;
}

/** One meeting for each node, by the first of its operands. */
function meetings(c: Candidate, uses: readonly Use[], { sites, rows }: Behind): Meeting[] {
  const first = uses.filter(({ node }, i) => i === 0 || uses[i - 1].node !== node);
  return first.map(({ node, operand }): Meeting => {
    const other = node.inputs.find((v) => batchAxis(v.shape) >= 0);
    const after = other && sites.has(other) ? (isProduct(other) ? 'product' : 'site') : null;
    const behind = after ?? (other && rows.has(other) ? 'rows' : 'nothing');
    const widens = other !== undefined && isWider(operand.shape, other.shape);
    return { op: node.op, direct: direct(operand, c.value), other, behind, widens };
  });
}

function byEvidence(c: Candidate, uses: readonly Meeting[], names: NameEvidence | undefined): Verdict {
  const { name, roles, tensor } = c;
  const pytorch = names?.pytorch ?? false;
  const made = names?.exporterMade(name) ?? false;
  const role = roleOf(uses);
  if (roles.includes('running-statistic') || namedAsStatistic(name))
    return sure(false, 'a running statistic');
  if (pytorch && c.source === 'constant-node')
    return sure(false, 'a number in the code: PyTorch writes parameters as initialisers');
  if (roles.includes('activation-constant')) {
    const constant = "a constant of an activation's definition";
    return pytorch && !made ? perhaps(false, constant) : sure(false, constant);
  }
  if (roles.includes('norm-scale') || roles.includes('norm-shift')) return ofNorm(c, made);
  if (namedAsParameter(name)) return sure(true, role);
  if (roles.includes('recurrent-weight')) return sure(true, 'weight of a recurrent layer');
  if (roles.includes('recurrent-bias')) return ofRecurrentBias(c, pytorch);
  const isWeight = uses.some((u) => u.op === 'MatMul' && u.direct);
  if (isBlocking(tensor) && uses.some((u) => u.op !== 'MatMul'))
    return sure(false, 'an additive mask: entries are 0 or so low that nothing is left');
  if (isWaveTable(tensor) && !isWeight) return sure(false, 'a table of sines and cosines');
  if (isMask(tensor) && !isWeight && uses.some((u) => u.op !== 'Add' && u.op !== 'Sub'))
    return sure(false, 'a mask: every entry is 0 or 1');
  if (roles.includes('prelu-slope'))
    return c.source === 'initializer' ? sure(true, 'slope') : perhaps(true, 'slope');
  if (pytorch) return made ? foldedByPytorch(c, uses, role) : namedByPytorch(c, uses, role);
  return byUse(c, uses, role, made);
}

/** An exporter has to give a normalisation that has neither scale nor shift ones and zeros. */
function ofNorm(c: Candidate, made: boolean): Verdict {
  const what = `${c.roles.includes('norm-scale') ? 'scale' : 'shift'} of a normalisation`;
  if (!made && c.source === 'initializer') return sure(true, what);
  const [first] = c.tensor.data;
  const equal = Array.prototype.every.call(c.tensor.data, (v: number) => v === first);
  if (!equal) return sure(true, what);
  return perhaps(!made, `${what}; every entry is ${Number(first)}, so it may have none`);
}

/**
 * The bias of a recurrent layer, that of its inputs before that of its state in every direction. PyTorch has both or none; other
 * frameworks have one, and their exporters fill the other with zeros.
 */
function ofRecurrentBias({ tensor }: Candidate, pytorch: boolean): Verdict {
  const what = 'bias of a recurrent layer';
  if (pytorch) return sure(true, what);
  const size = tensor.shape[tensor.shape.length - 1] ?? 0;
  const ofState = (i: number): boolean => i % size >= size / 2;
  const empty = Array.prototype.every.call(tensor.data, (v: number, i: number) => !ofState(i) || v === 0);
  if (!empty) return sure(true, what);
  return perhaps(true, `${what}; the half of its state is 0 throughout, so the layer may have one bias only`);
}

/** A parameter or a buffer under its own name. */
function namedByPytorch(c: Candidate, uses: readonly Meeting[], role: string): Verdict {
  if (namedAsBuffer(c.name)) return perhaps(false, `${role}; named as a buffer`);
  if (uses.length > 0 && uses.every((u) => scalesInputs(u, c.tensor))) return perhaps(false, preprocessing);
  return perhaps(true, `${role}; a parameter or a buffer`);
}

/** Computed from parameters or buffers when the file was written. */
function foldedByPytorch(c: Candidate, uses: readonly Meeting[], role: string): Verdict {
  if (uses.some((u) => u.op === 'MatMul' && u.direct)) return sure(true, role);
  if (!/^(onnx::|\d)/.test(c.name)) return perhaps(false, `${role}; a constant that the exporter named`);
  const beside = uses.every((u) => u.direct && u.op === 'Add' && u.other?.node?.op === 'Gather');
  if (uses.length > 0 && beside && c.tensor.shape.length > 1)
    return sure(true, 'a table of positions beside an embedding');
  // A token or a query that no example has meets it first: the weight of a Linear, which the exporter transposed.
  const beforeData =
    /^onnx::MatMul_/.test(c.name) && c.tensor.shape.length === 2 && !uses.some((u) => u.direct);
  const after = beforeData || uses.some((u) => u.direct && isAfterSite(u));
  return perhaps(after, `${role}; folded from other tensors when the file was written`);
}

/** Where names tell little: weights, and what is added to their products; the rest by what it does. */
function byUse(c: Candidate, uses: readonly Meeting[], role: string, made: boolean): Verdict {
  if (uses.some((u) => u.op === 'MatMul')) return sure(true, role);
  if (uses.some((u) => u.op === 'Add' && u.behind === 'product') && !singleConstant(c, uses))
    return sure(true, role);
  if (c.tensor.shape.length === 0) return perhaps(false, `a rank-0 constant: ${role}`);
  const learned = uses.filter((u) => ['Add', 'Sub', 'Mul'].includes(u.op));
  const after = learned.filter(isAfterSite);
  if (after.length > 0) {
    if (singleConstant(c, after)) return perhaps(false, 'a single constant applied elementwise');
    return perhaps(!made, role);
  }
  if (learned.length > 0) return perhaps(false, preprocessing);
  return perhaps(false, role);
}

const preprocessing = 'preprocessing: its other operand depends on no site (include it with `parameters`)';

/** A constant node of one number beside a wider value. */
const singleConstant = (c: Candidate, uses: readonly Meeting[]): boolean =>
  c.source === 'constant-node' && sizeOf(c.tensor.shape) === 1 && uses.every((u) => widerThanOne(u.other));

/** x − mean, x / std and the like before any site. */
const scalesInputs = (u: Meeting, t: Tensor): boolean =>
  u.direct &&
  u.behind === 'nothing' &&
  !u.widens &&
  (['Sub', 'Div', 'Mul'].includes(u.op) || (u.op === 'Add' && t.shape.filter((d) => d !== 1).length <= 1));

const widerThanOne = (v: Value | undefined): boolean => v !== undefined && v.shape[v.shape.length - 1] !== 1;

const ROLES: Readonly<Record<string, string>> = {
  MatMul: 'weight',
  Add: 'bias or shift',
  Sub: 'bias or shift',
  Mul: 'scale',
  Div: 'divisor',
  Pow: 'exponent',
  Max: 'lower bound',
  Min: 'upper bound',
  Where: 'a value beside the data',
  Concat: 'a token beside the data',
  Gather: 'a table that ids are looked up in',
};

/** What a tensor is used as where it first meets data. */
const roleOf = ([first]: readonly Meeting[]): string =>
  first ? (ROLES[first.op] ?? `operand of ${first.op}`) : 'in no product with data';

/** The operand is the tensor itself, at most moved or cast. */
function direct(operand: Value, tensor: Value): boolean {
  let at = operand;
  while (at !== tensor) {
    if (!at.node || !['Transpose', 'Cast', 'Reshape', 'Expand'].includes(at.node.op)) return false;
    at = at.node.inputs[0];
  }
  return true;
}

/** A product with a tensor, or that product moved. */
function isProduct(v: Value): boolean {
  let at = v;
  while (at.node && ['Transpose', 'Cast', 'Reshape'].includes(at.node.op)) at = at.node.inputs[0];
  return at.node?.op === 'MatMul';
}

/** Values downstream of data that met a tensor. */
interface Behind {
  /** In a product. */
  readonly sites: ReadonlySet<Value>;
  /** As ids that choose rows of it. */
  readonly rows: ReadonlySet<Value>;
}

const isAfterSite = ({ behind }: Meeting): boolean => behind === 'site' || behind === 'product';

function behindTensors(nodes: readonly Node[], candidates: readonly Candidate[]): Behind {
  const weights = dependents(
    nodes,
    candidates.map((c) => c.value),
  );
  const fixed = (v: Value): boolean => batchAxis(v.shape) < 0 && weights.has(v);
  const sites = new Set<Value>();
  const rows = new Set<Value>();
  for (const node of nodes) {
    const { op, inputs, output } = node;
    const meets = batchAxis(output.shape) >= 0 && inputs.some(fixed);
    if ((op === 'MatMul' && meets) || inputs.some((v) => sites.has(v))) sites.add(output);
    if ((op === 'Gather' && meets) || inputs.some((v) => rows.has(v))) rows.add(output);
  }
  return { sites, rows };
}

/** Whether broadcasting `own` against `other` makes an axis of the other one longer. */
function isWider(own: Shape, other: Shape): boolean {
  const offset = other.length - own.length;
  return own.some((d, i) => d !== 1 && (offset + i < 0 || other[offset + i] === 1));
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
