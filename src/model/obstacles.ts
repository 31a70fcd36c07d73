/**
 * @module model/obstacles
 *
 * Obstacles that keep a file from being estimated, all that can be told at once: operators that are not covered (those of bodies too), and
 * the refusal of its opset, inputs, outputs or parameters. A damaged file and a setting that does not fit are none: they stay errors.
 * Cost: a walk over the nodes.
 */
import type { FimError } from '../core/errors.js';
import { decodeModel, describeUncovered, type OnnxModel, uncoveredOf } from '../graph/onnx/index.js';

/** What an obstacle lies in. */
export type ObstacleKind =
  'opset' | 'inputs' | 'batch' | 'outputs' | 'operators' | 'shapes' | 'elements' | 'parameters';

/** One obstacle. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** What it is, and the next step that works. */
  readonly text: string;
  /** Names of the nodes that it lies in; empty where it lies in none. */
  readonly nodes: readonly string[];
}

/** Refusals of a file that are obstacles, by the code of the error. */
const KINDS: Readonly<Record<string, ObstacleKind>> = {
  'onnx/opset-range': 'opset',
  'onnx/opset-twice': 'opset',
  'onnx/no-opset': 'opset',
  'onnx/input-type': 'inputs',
  'onnx/input-shape': 'inputs',
  'onnx/missing-input': 'inputs',
  'onnx/dynamic-axis': 'inputs',
  'onnx/fixed-batch': 'batch',
  'onnx/batch-sizes': 'batch',
  'onnx/two-readings': 'batch',
  'graph/examples-coupled': 'batch',
  'onnx/no-output': 'outputs',
  'onnx/several-outputs': 'outputs',
  'onnx/output-shape': 'outputs',
  'onnx/squashed-output': 'outputs',
  'onnx/heads': 'outputs',
  'onnx/form': 'operators',
  'onnx/attribute': 'operators',
  'onnx/functions': 'operators',
  'graph/shape': 'shapes',
  'tensor/size': 'shapes',
  'onnx/data-type': 'elements',
  'onnx/element-type': 'elements',
  'onnx/not-finite': 'elements',
  'model/no-parameters': 'parameters',
};

/** What a file says of itself, whether it can be read or not. */
export interface FileFacts {
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: string }[];
  readonly outputs: readonly { readonly name: string; readonly float: boolean; readonly type: string }[];
  /** How often each operator stands in the graph and its bodies, by name; those of other domains as domain:name. */
  readonly operators: Readonly<Record<string, number>>;
  /** Operators that are not covered, one each. */
  readonly uncovered: readonly Obstacle[];
}

/** The facts of a file. Throws what `decodeModel` throws. */
export function fileFacts(
  bytes: Uint8Array,
  file: string,
  external: (location: string) => Uint8Array,
): FileFacts {
  const model = decodeModel(bytes, { file, external });
  const { graph } = model;
  const initial = new Set(graph.initializers.map((t) => t.name));
  return {
    opset: model.opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    inputs: graph.inputs
      .filter(({ name }) => !initial.has(name))
      .map(({ name, elemType, shape }) => ({
        name,
        dtype: elemType ?? 'unknown',
        shape: shape === null ? '' : `[${shape.map((d) => d ?? '?').join(', ')}]`,
      })),
    outputs: graph.outputs.map(({ name, elemType }) => ({
      name,
      float: elemType === null || /float|double/.test(elemType),
      type: elemType ?? 'unknown',
    })),
    operators: countOperators(model),
    uncovered: uncoveredOf(model, graph.nodes).map((u) => ({
      kind: 'operators',
      text: `not covered: ${describeUncovered(u)}`,
      nodes: u.nodes,
    })),
  };
}

type Nodes = OnnxModel['graph']['nodes'];

function countOperators({ graph }: OnnxModel): Record<string, number> {
  const counts = new Map<string, number>();
  const count = (nodes: Nodes): void => {
    for (const { opType, domain, attributes } of nodes) {
      const name = domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      for (const a of Object.values(attributes)) if (a.type === 'graph') count(a.value.nodes);
    }
  };
  count(graph.nodes);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Refusals that `uncovered` of the facts lists already. */
export const LISTED: ReadonlySet<string> = new Set(['onnx/operators', 'onnx/quantised']);

/** The refusal as an obstacle; null: it is none, and stays an error. */
export function obstacleOf({ code, complaint }: FimError): Obstacle | null {
  if (!Object.hasOwn(KINDS, code)) return null;
  const { where, rule, got, next } = complaint;
  const text = [`${where}: ${rule}`, got && `got ${got}`, next && `next: ${next}`].filter(Boolean).join('; ');
  const node = /^(?!output|input|initialiser)\S+ "([^"]+)"/.exec(where);
  return { kind: KINDS[code], text, nodes: node ? [node[1]] : [] };
}
