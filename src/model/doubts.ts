/**
 * @module model/doubts
 *
 * Doubts about what counts as θ that the file leaves open, each with how its effect on the trace is measured. Of a whole tensor the
 * effect is its own trace. Of a tensor with exact zeros that was computed on export (a pruned weight), counting what lies beneath leaves
 * out the entries at 0. Of a tensor that stands in several modules, which the exporter may have merged from equal ones, counting it as
 * several takes the products of the scores of its uses away: ‖s₁ + s₂‖² = ‖s₁‖² + ‖s₂‖² + 2⟨s₁, s₂⟩; of more than two, each use with
 * those before it, so that settling all of them adds up.
 */
import type { Tensor } from '../core/tensor.js';
import { nodesOf, type Value } from '../graph/index.js';
import { readersOf } from '../graph/readers.js';
import { operandUses, type OperandUse, rewireUses } from '../graph/split-uses.js';
import { modulePath, type NameEvidence } from '../graph/onnx/index.js';
import { apply } from '../graph/registry.js';
import type { Judged } from './parameters.js';

/** How the effect of settling a doubt otherwise follows from scores, or from the estimate of a parameter. */
export type DoubtMeasure =
  | {
      /** + the trace of a tensor that is not counted. */
      readonly kind: 'tensor';
      /** That tensor. */
      readonly value: Value;
    }
  | {
      /** − the trace of a parameter. */
      readonly kind: 'parameter';
      /** Its name. */
      readonly parameter: string;
    }
  | {
      /** + the trace of a parameter over its entries that are not 0. */
      readonly kind: 'nonzero';
      /** Its name. */
      readonly parameter: string;
    }
  | {
      /** − 2⟨own, Σ before⟩ of the scores of uses. */
      readonly kind: 'uses';
      /** The use in question. */
      readonly own: Value;
      /** The uses before it. */
      readonly before: readonly Value[];
    };

/** A tensor of which the file does not say whether it is learned, with the reason either way. */
export interface ParameterDoubt {
  /** Of the tensor, or the name under which the framework would list the parameter in question. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Whether it is taken as a parameter. */
  readonly counted: boolean;
  /** Why. */
  readonly reason: string;
  /** How the effect of the other answer on the trace is measured. */
  readonly measure: DoubtMeasure;
}

/** The line that writes a file of names, shapes and values. */
export const NAMES_LINE =
  "numpy.savez('names.npz', **{k: v.detach().numpy() for k, v in model.named_parameters()})";

/** The doubts about `judged`, and h with a value of its own for each use that one of them speaks of. */
export function doubtsOf(
  h: Value,
  judged: readonly Judged[],
  names: NameEvidence,
): { readonly h: Value; readonly doubts: readonly ParameterDoubt[] } {
  const doubts: ParameterDoubt[] = [];
  const views = new Map<OperandUse, Value>();
  const readers = readersOf(nodesOf([h]));
  const listed = listedNames(judged);
  for (const j of judged) {
    if (j.doubt) doubts.push(ofTensor(j));
    if (!j.counted) continue;
    const uses = operandUses([h], j.value, readers);
    doubts.push(...ofZeros(uses, j, names), ...ofUses(uses, j, listed, names, views));
  }
  return { h: views.size === 0 ? h : rewireUses([h], views)[0], doubts };
}

function ofTensor({ name, tensor, counted, reason, value }: Judged): ParameterDoubt {
  const measure: DoubtMeasure = counted ? { kind: 'parameter', parameter: name } : { kind: 'tensor', value };
  return { name, shape: tensor.shape, counted, reason, measure };
}

/** A weight folded on export that has zeros: pruned, and the parameter is what the mask was laid on. */
function ofZeros(uses: readonly OperandUse[], j: Judged, names: NameEvidence): ParameterDoubt[] {
  const { name, tensor } = j;
  if (!names.pytorch || !names.exporterMade(name) || !someZeros(tensor)) return [];
  const path = uses.length > 0 ? modulePath(uses[0].nodeName) : '';
  const weight = path === '' ? name : `${path}.weight`;
  const zeros = `"${name}" was computed when the file was written and has entries that are exactly 0`;
  return [
    {
      name: weight,
      shape: tensor.shape,
      counted: true,
      reason: `${zeros}; counted as it stands`,
      measure: { kind: 'parameter', parameter: name },
    },
    {
      name: `${weight}_orig`,
      shape: tensor.shape,
      counted: false,
      reason: `${zeros}: if they are pruned, the parameter beneath has no derivative there`,
      measure: { kind: 'nonzero', parameter: name },
    },
  ];
}

function someZeros({ data }: Tensor): boolean {
  const isZero = (x: number): boolean => x === 0;
  return (
    Array.prototype.some.call(data, isZero) && !Array.prototype.every.call(data, (x: number) => isZero(x))
  );
}

/** One tensor in several modules. */
function ofUses(
  uses: readonly OperandUse[],
  j: Judged,
  listed: Listed,
  names: NameEvidence,
  views: Map<OperandUse, Value>,
): ParameterDoubt[] {
  const groups = (names.pytorch && byModule(j, uses, listed, names)) || byNode(j, uses);
  if (!groups) return [];
  const view = (group: readonly OperandUse[]): Value => {
    const own = apply('Reshape', [j.value], { shape: j.value.shape });
    for (const use of group) views.set(use, own);
    return own;
  };
  const before = [view(groups.first)];
  return [...groups.others].map(([name, group]) => {
    const own = view(group);
    const measure: DoubtMeasure = { kind: 'uses', own, before: [...before] };
    before.push(own);
    const where = group[0].nodeName;
    return {
      name,
      shape: j.tensor.shape,
      counted: false,
      reason: `"${j.name}" also stands at ${where}: counted as one parameter, unless the exporter merged two that were equal`,
      measure,
    };
  });
}

interface Groups {
  readonly first: readonly OperandUse[];
  readonly others: ReadonlyMap<string, readonly OperandUse[]>;
}

/** The names of all tensors. */
interface Listed {
  readonly names: ReadonlySet<string>;
  /** What stands before the last dot of one. */
  readonly modules: ReadonlySet<string>;
  /** What stands before any dot of one. */
  readonly paths: ReadonlySet<string>;
}

function listedNames(judged: readonly Judged[]): Listed {
  const names = new Set(judged.map((k) => k.name));
  const modules = new Set([...names].map((n) => n.slice(0, Math.max(n.lastIndexOf('.'), 0))));
  const paths = new Set<string>();
  for (let path of names) {
    for (let at = path.lastIndexOf('.'); at >= 0; at = path.lastIndexOf('.')) {
      path = path.slice(0, at);
      if (paths.has(path)) break;
      paths.add(path);
    }
  }
  return { names, modules, paths };
}

/** Uses in modules other than the tensor's own, by the name that the parameter would have there. */
function byModule(
  j: Judged,
  uses: readonly OperandUse[],
  listed: Listed,
  names: NameEvidence,
): Groups | null {
  if (uses.length < 2) return null;
  const made = names.exporterMade(j.name);
  const split = j.name.lastIndexOf('.');
  const owner = made ? modulePath(uses[0].nodeName) : j.name.slice(0, Math.max(split, 0));
  const leaf = made ? 'weight' : j.name.slice(split + 1);
  if (owner === '' || (made && uses.some((u) => u.node.op !== 'MatMul'))) return null;
  const own = new Set(uses.map((u) => modulePath(u.nodeName)));
  const isModule = (path: string): boolean => listed.modules.has(path) || own.has(path);
  const first: OperandUse[] = [];
  const others = new Map<string, OperandUse[]>();
  for (const use of uses) {
    const module = calledModule(modulePath(use.nodeName), owner, isModule, listed);
    const inside = module === owner || module === '' || owner.startsWith(`${module}.`);
    const name = `${module}.${leaf}`;
    if (inside || listed.names.has(name)) first.push(use);
    else others.set(name, [...(others.get(name) ?? []), use]);
  }
  return first.length > 0 && others.size > 0 ? { first, others } : null;
}

/** The module of a path; PyTorch numbers the scopes of a second call, `fc_1`, which no tensor is named after. */
function calledModule(
  path: string,
  owner: string,
  isModule: (path: string) => boolean,
  listed: Listed,
): string {
  if (path === owner || listed.paths.has(path)) return path;
  const once = path.replace(/_\d+(?=\.|$)/g, '');
  return once === owner || isModule(once) ? once : path;
}

/** Where modules are not told: uses at several nodes of a tensor whose entries are all equal, as at a network's start. */
function byNode(j: Judged, uses: readonly OperandUse[]): Groups | null {
  const { data } = j.tensor;
  if (j.mergedInto !== undefined || data.length < 2) return null;
  if (!Array.prototype.every.call(data, (x: number) => x === data[0])) return null;
  const at = new Map<string, OperandUse[]>();
  for (const use of uses) at.set(use.nodeName, [...(at.get(use.nodeName) ?? []), use]);
  const [first, ...rest] = at;
  if (rest.length === 0) return null;
  return { first: first[1], others: new Map(rest.map(([node, group]) => [`${j.name} at ${node}`, group])) };
}
