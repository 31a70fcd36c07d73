/**
 * @module engine/ort/engine
 *
 * ONNX Runtime behind the engine interface. A graph is written as an ONNX model whose parameters are inputs, so one session serves a
 * whole training run. Sequential execution, all graph optimisations, one thread unless told otherwise: several sessions with pools
 * of threads slow each other down several-fold, and the pools win nothing below some hundred microseconds of work.
 */
import { FimError } from '../../core/errors.js';
import { bytesOf } from '../../core/tensor.js';
import { type Graph, graphNodes, type Named } from '../../graph/graph.js';
import { exportModel, hasDoubleKernel } from '../../graph/onnx/index.js';
import type { Node, Value } from '../../graph/value.js';
import {
  checkConnection,
  checkMaxBatch,
  checkSlot,
  connectionsOf,
  expected,
  foreignProgram,
  foreignStore,
  lengthFor,
  portOf,
} from '../check.js';
import { simplify } from '../simplify.js';
import type { AsyncProgram, CompileOptions, Engine } from '../types.js';
import { loadOrt, type OrtModule, versionOf } from './module.js';
import { type Feed, OrtProgram, runtimeError } from './program.js';
import { OrtStore } from './store.js';

/** Settings of ONNX Runtime. */
export interface OrtOptions {
  /** Threads inside one operator; default 1: more take longer but for matrices of several hundred rows and columns. */
  threads?: number;
  /** The runtime; default: the package `onnxruntime-node`. `onnxruntime-web` has the same interface. */
  module?: OrtModule | undefined;
}

/** Operators of a graph that ONNX Runtime cannot compute in this graph's precision. */
export function unsupportedByOrt(graph: Graph): Node[] {
  return graphNodes(graph).filter((node) => !hasDoubleKernel(node, true));
}

/** The engine over ONNX Runtime: a graph becomes an ONNX file in memory and a session of its own. */
export class OrtEngine implements Engine {
  /** `ort`. */
  readonly name = 'ort';
  readonly copies = true;
  readonly convolves = true;
  readonly build: string;
  private readonly programs = new Set<OrtProgram>();

  constructor(
    private readonly ort: OrtModule,
    /** Threads inside one operator. */
    readonly threads = 1,
  ) {
    this.build = versionOf(ort);
  }

  store(): OrtStore {
    return new OrtStore(this.ort, this);
  }

  /**
   * Throws `engine/batch`, `engine/slot`, `engine/connect`, `engine/double` (no double-precision kernel), and `engine/ort` where the
   * runtime refuses the model.
   * @throws FimError with `engine/name`, `engine/store`, `onnx/empty-shape`, `onnx/name-twice`, `onnx/opset`, `onnx/parameter-shape`,
   * `onnx/too-large`, `onnx/write`, `tensor/size`
   */
  async compile(graph: Graph, options: CompileOptions): Promise<AsyncProgram> {
    const { maxBatch } = options;
    checkMaxBatch(maxBatch);
    const connections = connectionsOf(graph, options);
    const store = options.store ?? this.store();
    if (!(store instanceof OrtStore) || store.owner !== this) throw foreignStore('ort');
    const lacking = unsupportedByOrt(graph);
    if (lacking.length > 0) throw noDouble(lacking);

    const { model, used } = modelOf(graph);
    const inputs = [];
    const feeds: Feed[] = [];
    for (const [i, named] of graph.inputs.entries()) {
      const { name, value } = named;
      const port = portOf(named);
      const key = inputKey(i);
      const link = connections.get(name);
      let feed: Feed;
      if (link) {
        const { program, output } = link;
        if (!(program instanceof OrtProgram) || program.owner !== this || !program.alive)
          throw foreignProgram(name, 'ort');
        const source = program.outputs.find((o) => o.name === output);
        checkConnection(port, source, output, program.maxBatch, maxBatch);
        feed = { kind: 'link', key, port, program, output };
      } else if (store.has(name)) {
        const slot = store.slot(name);
        checkSlot('input', port, slot, name);
        feed = { kind: 'slot', key, slot };
      } else {
        const given = { ...expected(port, maxBatch), data: null, tensor: null, n: -1 };
        inputs.push(given);
        feed = { kind: 'given', key, given };
      }
      if (used.has(value)) feeds.push(feed);
    }
    const session = await this.ort.InferenceSession.create(model, {
      executionMode: 'sequential',
      // The fusions beyond `basic` have float32 kernels only (QuickGelu, say), and are made for doubles all the same.
      graphOptimizationLevel: holdsDoubles(graph) ? 'basic' : 'all',
      intraOpNumThreads: this.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    }).catch((cause: unknown) => {
      throw runtimeError('compile', cause);
    });
    const bytes = graph.outputs.reduce(
      (sum, { value }) => sum + lengthFor(value.shape, maxBatch) * bytesOf(value.dtype),
      0,
    );
    const program = new OrtProgram({
      owner: this,
      ort: this.ort,
      session,
      info: { engine: 'ort', nodes: graphNodes(graph).length, build: this.build, bytes },
      maxBatch,
      inputs,
      outputs: graph.outputs,
      feeds,
      keys: new Map(graph.outputs.map((o, i) => [o.name, outputKey(i)])),
    });
    this.programs.add(program);
    return program;
  }

  dispose(): void {
    for (const p of this.programs) p.dispose();
    this.programs.clear();
  }
}

/**
 * ONNX Runtime as an engine. Throws `engine/ort-missing` where the package is not installed, `engine/threads`.
 * @throws FimError with `engine/ort-broken`
 */
export async function createOrtEngine(options: OrtOptions = {}): Promise<OrtEngine> {
  const { threads = 1, module } = options;
  if (!(Number.isInteger(threads) && threads >= 1)) {
    throw new FimError({
      code: 'engine/threads',
      kind: 'usage',
      where: 'createOrtEngine',
      rule: 'threads must be a whole number of at least 1',
      got: String(threads),
    });
  }
  return new OrtEngine(module ?? (await loadOrt()), threads);
}

const inputKey = (i: number): string => `input${i}`;
const outputKey = (i: number): string => `output${i}`;

/** The model, under names of our own (an input may be called as an output is), with only those inputs that are read. */
function modelOf(graph: Graph): { model: Uint8Array; used: ReadonlySet<Value> } {
  const results = simplify(graph.outputs.map((o) => o.value));
  const outputs: Named[] = results.map((value, i) => ({ name: outputKey(i), value }));
  const used = new Set<Value>(results.filter((v) => !v.node && !v.constant));
  for (const node of graphNodes({ inputs: [], outputs })) {
    for (const v of node.inputs) if (!v.node && !v.constant) used.add(v);
  }
  const inputs = graph.inputs
    .map(({ value }, i) => ({ name: inputKey(i), value }))
    .filter(({ value }) => used.has(value));
  return { model: exportModel({ inputs, outputs }, { lowerDouble: true, convolutions: true }), used };
}

function noDouble(nodes: readonly Node[]): FimError {
  const names = [...new Set(nodes.map((n) => (n.origin === '' ? n.op : `${n.op} (${n.origin})`)))];
  return new FimError({
    code: 'engine/double',
    kind: 'unsupported',
    where: 'engine ort',
    rule: 'ONNX Runtime has no double-precision kernel for every operator of this graph',
    got: names.join(', '),
    next: "`engine: 'small'`, or `dtype: 'float32'`",
  });
}

function holdsDoubles(graph: Graph): boolean {
  return graphNodes(graph).some((node) => node.output.dtype === 'float64');
}
