/**
 * @module model/output/tail
 *
 * Cuts off the nodes that scikit-learn's converter puts behind a network's last layer: labels (ArgMax, ArrayFeatureExtractor, Cast, Reshape) and
 * dictionaries (ZipMap). None of it has a derivative; it is cut on the file's graph, before anything is read.
 */
import type { OnnxNode } from '../../graph/onnx/proto/index.js';
import type { Source } from '../../graph/onnx/import/source.js';

export interface Tail {
  /** The name where the network ends. */
  readonly name: string;
  /** Nodes behind it on the way to the output, the last first. */
  readonly removed: readonly OnnxNode[];
}

/** Operators of a tail, with the operand that leads back to the network. */
const TAIL: Readonly<Record<string, number>> = {
  ArgMax: 0,
  'ai.onnx.ml.ZipMap': 0,
  'ai.onnx.ml.ArrayFeatureExtractor': 1,
  'ai.onnx.ml.Binarizer': 0,
  'ai.onnx.ml.LabelEncoder': 0,
};

/** Operators that may stand between and behind them. */
const PASSING = new Set(['Cast', 'Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** Where the network behind an output ends: below the deepest tail operator that is reached through operators of a tail only. */
export function cutTail(source: Source, output: string): Tail {
  let end: Tail = { name: output, removed: [] };
  const passed: OnnxNode[] = [];
  let name = output;
  for (;;) {
    const node = source.makers.get(name);
    if (!node || passed.includes(node)) return end;
    const key =
      node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
    const isTail = Object.hasOwn(TAIL, key) || isNormaliser(source, node);
    if (!isTail && !PASSING.has(key)) return end;
    passed.push(node);
    name = node.inputs[TAIL[key] ?? 0];
    if (isTail) end = { name, removed: [...passed] };
  }
}

/** The name that a chain of Identity nodes copies. */
export function baseName(source: Source, name: string): string {
  const node = source.makers.get(name);
  return node?.opType === 'Identity' ? baseName(source, node.inputs[0]) : name;
}

/** The Normalizer of one-versus-rest classifiers changes nothing where the rows already sum to 1: behind a Softmax. */
function isNormaliser(source: Source, node: OnnxNode): boolean {
  if (node.domain !== 'ai.onnx.ml' || node.opType !== 'Normalizer') return false;
  const norm = node.attributes.norm;
  const l1 = norm?.type === 'string' && norm.value === 'L1';
  let below = source.makers.get(node.inputs[0]);
  while (below && PASSING.has(below.opType)) below = source.makers.get(below.inputs[0]);
  return l1 && below?.opType === 'Softmax';
}
