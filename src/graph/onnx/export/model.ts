/**
 * @module graph/onnx/export/model
 *
 * Any core graph as an ONNX model. Graph inputs found in `parameters` become initialisers, the others ONNX inputs; outputs keep
 * their names; the batch dimension is `n`. The file runs in ONNX Runtime and reads back as the same function.
 */
import { FimError } from '../../../core/errors.js';
import { sameShape, type Tensor } from '../../../core/tensor.js';
import { batchAxis, type Shape, showShape } from '../../dims.js';
import { type Graph, graphNodes, type Named } from '../../graph.js';
import type { Value } from '../../value.js';
import type { OnnxModel, OnnxValueInfo } from '../proto/types.js';
import { encodeModel } from '../proto/index.js';
import { Emitter } from './emitter.js';
import { type Convolutions, findConvolutions, writeConvolution } from './convolutions.js';
import { foldGemms, type Gemm } from './gemm.js';
import { writeNode } from './operators.js';
import { dimParam } from './shapes.js';

/** What goes into an exported file beside the graph. */
export interface ExportOptions {
  /** Values of graph inputs that are to be initialisers, by the input's name; names that are no input are ignored. */
  parameters?: ReadonlyMap<string, Tensor>;
  /** Key and value pairs that the file carries. */
  metadata?: Readonly<Record<string, string>>;
  /** Version of the ONNX operator set, 13 to 22; default 17. */
  opset?: number;
  /** Write what ONNX Runtime has no double-precision kernel for in operators that it has one for (Softplus). */
  lowerDouble?: boolean;
  /** Write products with windows as Conv and ConvTranspose (export/convolutions), for a runtime with kernels of its own for them. */
  convolutions?: boolean;
}

/** Opsets that files are written in. */
export const OLDEST_OPSET = 13;
export const NEWEST_OPSET = 22;
export const DEFAULT_OPSET = 17;

/** The oldest IR version that allows each opset, so that old runtimes can read the file. */
const IR_OF_OPSET: Readonly<Record<number, number>> = {
  13: 7,
  14: 7,
  15: 8,
  16: 8,
  17: 8,
  18: 8,
  19: 9,
  20: 9,
  21: 10,
  22: 10,
};

/**
 * Writes `graph` as the bytes of an `.onnx` file.
 * Throws `onnx/opset` for an opset out of range, `onnx/parameter-shape` where a parameter's tensor does not fit its input.
 * @throws FimError with `onnx/empty-shape`, `onnx/name-twice`, `onnx/too-large`, `onnx/write`, `tensor/size`
 */
export function exportModel(graph: Graph, options: ExportOptions = {}): Uint8Array {
  return encodeModel(toOnnx(graph, options));
}

/** The same as plain objects. Throws `onnx/opset`. */
export function toOnnx(graph: Graph, options: ExportOptions = {}): OnnxModel {
  const opset = options.opset ?? DEFAULT_OPSET;
  const irVersion = IR_OF_OPSET[opset];
  if (irVersion === undefined) {
    throw new FimError({
      code: 'onnx/opset',
      kind: 'usage',
      where: 'exportModel',
      rule: `opset must be from ${OLDEST_OPSET} to ${NEWEST_OPSET}`,
      got: String(opset),
    });
  }
  const e = new Emitter(opset, options.lowerDouble ?? false, options.convolutions ?? false);
  const parameters = options.parameters ?? new Map<string, Tensor>();
  const inputs: OnnxValueInfo[] = [];
  for (const { name, value } of graph.inputs) {
    e.reserve(value, name);
    const t = parameters.get(name);
    if (t) e.initializers.push({ ...checked(name, value.shape, value.dtype, t), name });
    else inputs.push(info({ name, value }));
  }
  // An output that is an input, a constant or another output under a second name is written as its copy.
  const copies = graph.outputs.filter(({ name, value }) => {
    if (value.node) return !e.reserve(value, name);
    e.reserveName(name);
    return true;
  });
  refuseSharedNames(graph);
  const nodes = graphNodes(graph);
  const kept = new Set(graph.outputs.map((o) => o.value));
  const { gemms, absorbed } = foldGemms(nodes, kept);
  const { at, dropped } = e.convolutions ? findConvolutions(nodes, kept) : NO_CONVOLUTIONS;
  for (const node of nodes) {
    if (dropped.has(node)) continue;
    const conv = at.get(node);
    const gemm = gemms.get(node);
    if (conv) writeConvolution(e, conv, node);
    else if (gemm) writeGemm(e, gemm, node.output);
    else if (!absorbed.has(node)) writeNode(e, node);
  }
  for (const { name, value } of copies) e.node('Identity', [e.name(value)], {}, name);
  return {
    irVersion,
    producerName: 'fim',
    producerVersion: '',
    opsets: [{ domain: '', version: opset }],
    metadata: { ...options.metadata },
    graph: {
      name: 'fim',
      nodes: e.nodes,
      initializers: e.initializers,
      inputs,
      outputs: graph.outputs.map(info),
      valueInfo: [],
    },
  };
}

const NO_CONVOLUTIONS: Convolutions = { at: new Map(), dropped: new Set() };

function writeGemm(e: Emitter, { a, b, c, transA, transB }: Gemm, output: Value): void {
  const operands = c ? [a, b, c] : [a, b];
  e.node(
    'Gemm',
    operands.map((v) => e.name(v)),
    { ...(transA ? { transA } : {}), ...(transB ? { transB } : {}) },
    e.name(output),
  );
}

/** Inputs and outputs live in one space of names. */
function refuseSharedNames(graph: Graph): void {
  const names = new Set<string>();
  for (const { name } of [...graph.inputs, ...graph.outputs]) {
    if (names.has(name)) {
      throw new FimError({
        code: 'onnx/name-twice',
        where: 'exportModel',
        rule: 'an ONNX graph names each input and output once',
        got: `"${name}" more than once`,
      });
    }
    names.add(name);
  }
}

function info({ name, value }: Named): OnnxValueInfo {
  return { name, elemType: value.dtype, shape: value.shape.map(dimParam) };
}

function checked(name: string, shape: Shape, dtype: Tensor['dtype'], t: Tensor): Tensor {
  if (batchAxis(shape) < 0 && sameShape(shape as number[], t.shape) && t.dtype === dtype) return t;
  throw new FimError({
    code: 'onnx/parameter-shape',
    where: `exportModel: parameter "${name}"`,
    rule: `must be ${dtype}${showShape(shape)}`,
    got: `${t.dtype}${showShape(t.shape)}`,
  });
}
