/**
 * @module model/names/file-uses
 *
 * Uses of the tensors of an ONNX file, read off its nodes: which operand of which node reads a tensor, what that operand is to its
 * operator, and which module the node stands in, by its own name and by the names of the tensors beside it.
 */
import type { OnnxNode } from '../../graph/onnx/index.js';
import { modulesOfNode, sameModule, splitName } from './module-path.js';

/** What an operand is to its operator. */
export type UseRole = 'product' | 'additive' | 'scale' | 'statistic' | 'other';

export interface FileUse {
  /** The name under which the node, or the first one that moves it, reads the tensor: its own, or that of an Identity. */
  readonly as: string;
  readonly node: OnnxNode;
  /** Index of the operand. */
  readonly operand: number;
  readonly role: UseRole;
  /** The tensor is the operand itself, not moved by nodes on the way. */
  readonly direct: boolean;
  /** Modules by the names of tensors beside it, and by the node's name. */
  readonly beside: readonly string[];
  readonly scopes: readonly string[];
}

const NORMS: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'LayerNormalization',
  'InstanceNormalization',
  'GroupNormalization',
  'RMSNormalization',
]);

/** Nodes that move elements, or pass them on. */
const MOVERS: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Transpose',
  'Reshape',
  'Unsqueeze',
  'Squeeze',
  'Flatten',
]);

/**
 * The uses of each of `tensors`, which are names of initialisers, or outputs of an Identity that stand for one. `made` says whether an
 * exporter made a name up, `modules` which modules there are: a node of `fc_1` is the second call of `fc` unless there is such a module.
 */
export function fileUses(
  nodes: readonly OnnxNode[],
  tensors: ReadonlySet<string>,
  made: (name: string) => boolean,
  modules: ReadonlySet<string>,
): Map<string, FileUse[]> {
  const readers = new Map<string, { node: OnnxNode; operand: number }[]>();
  for (const node of nodes) {
    node.inputs.forEach((name, operand) => {
      readers.set(name, [...(readers.get(name) ?? []), { node, operand }]);
    });
  }
  const moduleOf = (name: string): string[] =>
    tensors.has(name) && !made(name) && /[./]/.test(name) ? [splitName(name).module] : [];
  const beside = (node: OnnxNode, own: string): string[] => {
    const here = node.inputs.filter((n) => n !== own).flatMap(moduleOf);
    const behind = (readers.get(node.outputs[0]) ?? []).filter((r) => r.node.opType === 'Add');
    const added = isProduct(node) && behind.length === 1 ? behind[0].node.inputs.flatMap(moduleOf) : [];
    return [...new Set([...here, ...added])];
  };
  const scopesOf = (node: OnnxNode): string[] => {
    const paths = modulesOfNode(node.name);
    return paths.length > 0 && modules.has(paths[0]) ? [paths[0]] : paths;
  };
  const follow = (name: string, as: string, direct: boolean): FileUse[] =>
    (readers.get(name) ?? []).flatMap(({ node, operand }): FileUse[] => {
      const [output] = node.outputs;
      if (MOVERS.has(node.opType) && operand === 0) {
        if (tensors.has(output)) return [];
        const passed = direct && node.opType === 'Identity';
        return follow(output, passed ? output : as, passed);
      }
      const role = roleOf(node, operand);
      return [{ as, node, operand, role, direct, beside: beside(node, name), scopes: scopesOf(node) }];
    });
  return new Map([...tensors].map((name) => [name, follow(name, name, true)]));
}

const isProduct = (node: OnnxNode): boolean =>
  ['MatMul', 'Gemm', 'Conv', 'ConvTranspose'].includes(node.opType);

function roleOf(node: OnnxNode, operand: number): UseRole {
  const { opType } = node;
  if (NORMS.has(opType)) return (['other', 'scale', 'additive', 'statistic', 'statistic'] as const)[operand];
  if (isProduct(node)) return operand < 2 ? 'product' : 'additive';
  if (opType === 'Gather') return operand === 0 ? 'product' : 'other';
  if (opType === 'Add' || opType === 'Sub') return 'additive';
  return opType === 'Mul' || opType === 'Div' || opType === 'PRelu' ? 'scale' : 'other';
}

/** A framework reads a linear or convolution weight here under its own name: another name means that it was computed on export. */
export function readsWeightItself(use: FileUse): boolean {
  const { node, operand, direct } = use;
  if (!direct || operand === 0) return false;
  if (node.opType === 'Conv' || node.opType === 'ConvTranspose') return true;
  const turned = node.attributes['transB'];
  return node.opType === 'Gemm' && (operand === 2 || (turned?.type === 'int' && turned.value === 1));
}

/** How surely a use lies in a module: 3 by its node's name, 2 by the tensors beside it, 1 by a part of the name, 0 not at all. */
export function inModule(use: FileUse, module: string): 0 | 1 | 2 | 3 {
  if (use.scopes.includes(module)) return 3;
  if (module !== '' && use.beside.includes(module)) return 2;
  return use.scopes.some((path) => sameModule(module, path)) ? 1 : 0;
}
