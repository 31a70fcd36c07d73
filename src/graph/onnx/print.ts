/**
 * @module graph/onnx/print
 *
 * An ONNX model as text, one line an item: what goes in, the weights, one line per node in file order, what comes out. For messages
 * and for eyes; it is no file format. Subgraphs are indented below their node.
 */
import { isDense } from './proto/types.js';
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './proto/types.js';

/** Elements of a list or tensor that are shown. */
const SHOWN = 8;

/** The whole model; ends in a line end. */
export function printModel(model: OnnxModel): string {
  const opsets = model.opsets.map((o) => `${o.domain === '' ? 'ai.onnx' : o.domain} ${o.version}`).join(', ');
  const producer = [model.producerName, model.producerVersion].filter((s) => s !== '').join(' ');
  const by = producer === '' ? '' : `, by ${producer}`;
  const head = `model ${JSON.stringify(model.graph.name)}: IR version ${model.irVersion}, operators ${opsets}${by}`;
  const notes = (model.notes ?? []).map((n) => `note    ${n}`);
  return [head, ...notes, ...graphLines(model.graph, ''), ''].join('\n');
}

/** `/fc1/Gemm: h = Gemm(x, fc1.weight, fc1.bias) {alpha: 1, transB: 1}` */
export function printNode(node: OnnxNode): string {
  const label = node.name === '' ? '' : `${node.name}: `;
  const op = node.domain === '' ? node.opType : `${node.domain}::${node.opType}`;
  const attributes = Object.entries(node.attributes).map(([name, a]) => `${name}: ${printAttribute(a)}`);
  const braces = attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`;
  return `${label}${names(node.outputs)} = ${op}(${names(node.inputs)})${braces}`;
}

/** `x float32[n, 64]`; a `?` stands for what the file does not say. */
export function printValue(v: OnnxValueInfo): string {
  const dims = v.shape === null ? '' : `[${v.shape.map((d) => d ?? '?').join(', ')}]`;
  return `${v.name} ${v.elemType ?? '?'}${dims}`;
}

const names = (list: readonly string[]): string => list.map((n) => (n === '' ? '_' : n)).join(', ');

function graphLines(g: OnnxGraph, indent: string): string[] {
  const line = (kind: string, text: string): string => `${indent}${kind.padEnd(8)}${text}`;
  return [
    ...g.inputs.map((v) => line('input', printValue(v))),
    ...g.initializers.map((t) => line('weight', `${t.name} ${printTensor(t)}`)),
    ...g.nodes.flatMap((n) => [line('node', printNode(n)), ...subgraphLines(n, `${indent}    `)]),
    ...g.outputs.map((v) => line('output', printValue(v))),
  ];
}

function subgraphLines(node: OnnxNode, indent: string): string[] {
  return Object.entries(node.attributes).flatMap(([name, a]) => {
    const graphs = a.type === 'graph' ? [a.value] : a.type === 'graphs' ? a.value : [];
    return graphs.flatMap((g) => [`${indent}graph ${name}`, ...graphLines(g, `${indent}  `)]);
  });
}

function list(values: Iterable<unknown>, total: number): string {
  const shown: string[] = [];
  for (const v of values) {
    if (shown.length === SHOWN) break;
    shown.push(typeof v === 'string' ? JSON.stringify(v) : String(v));
  }
  return `[${shown.join(', ')}${total > SHOWN ? `, … ${total} in all` : ''}]`;
}

/** Type and shape, and the elements where they are few. */
function printTensor(t: OnnxTensor): string {
  const stored = isDense(t) && t.storedAs ? ` (stored as ${t.storedAs})` : '';
  const values = isDense(t) ? t.data : (t.strings ?? []);
  const few = values.length > 0 && values.length <= SHOWN ? ` = ${list(values, values.length)}` : '';
  return `${t.dtype}[${t.shape.join(', ')}]${stored}${few}`;
}

function printAttribute(a: OnnxAttribute): string {
  switch (a.type) {
    case 'float':
    case 'int':
      return String(a.value);
    case 'string':
      return JSON.stringify(a.value);
    case 'tensor':
      return printTensor(a.value);
    case 'graph':
      return `graph ${JSON.stringify(a.value.name)}`;
    case 'tensors':
      return `[${a.value.map(printTensor).join(', ')}]`;
    case 'graphs':
      return `${a.value.length} graphs`;
    default:
      return list(a.value, a.value.length);
  }
}
