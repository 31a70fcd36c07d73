/**
 * @module engine/create
 *
 * One way to an engine, chosen by name or by size, that says why. `auto` takes ONNX Runtime for throughput and the small engine for
 * latency, and the small one wherever ONNX Runtime is not installed or has no double-precision kernel for the graph.
 */
import { FimError } from '../core/errors.js';
import type { FloatType } from '../core/tensor.js';
import type { Graph } from '../graph/graph.js';
import { flopsOf, overtakenAt } from './cost.js';
import { createOrtEngine, INSTALL_COMMAND, loadOrt, type OrtModule, unsupportedByOrt } from './ort/index.js';
import { createSmallEngine } from './small/index.js';
import type { Engine, EngineName } from './types.js';

/** Which engine, and how it is set up. */
export interface EngineOptions {
  /** Default `auto`. */
  engine?: 'auto' | EngineName;
  /** Precision of the work: doubles take twice as long, so ONNX Runtime pays earlier. Default float32. */
  dtype?: FloatType;
  /**
   * Threads over which an estimate's batches go, each with an engine of its own; the numbers are the same for any. Node only, and not with
   * `module`. Default 1: the caller's own.
   */
  threads?: number;
  /** The graph that will be run most, for `auto`: its size and its operators decide. */
  graph?: Graph;
  /** Number of examples of its runs. Default 1. */
  batch?: number;
  /** Floating-point operations of a run, where there is no graph yet. */
  flops?: number;
  /** The runtime to use instead of the package `onnxruntime-node`, such as `onnxruntime-web`. */
  module?: OrtModule;
}

/** The engine that was made, and why that one. */
export interface EngineChoice {
  /** Ready to compile; the caller calls `dispose` at the end. */
  readonly engine: Engine;
  /** A sentence for people: which engine, and why. */
  readonly reason: string;
  /** ONNX Runtime would be faster and is not installed. */
  readonly ortMissing?: boolean;
}

/**
 * Makes an engine. Throws `engine/name` for a name that is none, `engine/threads` for threads that are none, and under `ort` what
 * `createOrtEngine` throws.
 * @throws FimError with `engine/ort-broken`, `engine/ort-missing`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 *
 * @example
 * ```ts
 * import { createEngine } from 'fim/engine';
 * import { graph, input, N, ops } from 'fim/graph';
 *
 * const x = input('x', 'float32', [N, 2]);
 * const { engine } = await createEngine({ engine: 'small' });
 * const program = await engine.compile(graph([['x', x]], [['y', ops.square(x)]]), { maxBatch: 1 });
 * program.setInput('x', Float32Array.of(2, 3));
 * await program.run(1);
 * console.log([...program.output('y')]); // [ 4, 9 ]
 * engine.dispose();
 * ```
 */
export async function createEngine(options: EngineOptions = {}): Promise<EngineChoice> {
  const { threads = 1, module } = options;
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= (module ? 1 : Infinity)))
    throw noThreads(threads);
  const choice = await oneEngine(options);
  return threads === 1 ? choice : { ...choice, engine: await crewed(choice.engine, threads) };
}

/** The same engine with threads of its kind. */
async function crewed(engine: Engine, threads: number): Promise<Engine> {
  const { startCrew } = await import('./threads/crew.js');
  const crew = startCrew(engine.name, threads);
  return {
    name: engine.name,
    build: engine.build,
    copies: engine.copies,
    convolves: engine.convolves,
    crew,
    store: () => engine.store(),
    compile: (graph, options) => engine.compile(graph, options),
    dispose: () => {
      crew.dispose();
      engine.dispose();
    },
  };
}

const noThreads = (got: number): FimError =>
  new FimError({
    code: 'engine/threads',
    kind: 'usage',
    where: 'createEngine',
    rule: 'threads must be a whole number of at least 1, and 1 with a `module`, of which no other thread has one',
    got: String(got),
  });

async function oneEngine(options: EngineOptions): Promise<EngineChoice> {
  const { engine: wanted = 'auto', module } = options;
  switch (wanted) {
    case 'small':
      return { engine: createSmallEngine(), reason: 'small engine, as asked' };
    case 'ort':
      return { engine: await createOrtEngine({ module }), reason: 'ONNX Runtime, as asked' };
    case 'auto':
      return choose(options);
    default:
      throw new FimError({
        code: 'engine/name',
        kind: 'usage',
        where: 'createEngine',
        rule: 'the engine is auto, small or ort',
        got: String(wanted),
      });
  }
}

/** The choice of `auto`; `load` brings the runtime. */
export async function choose(options: EngineOptions, load = loadOrt): Promise<EngineChoice> {
  const { graph, batch = 1, dtype } = options;
  const small = (because: string): EngineChoice => ({
    engine: createSmallEngine(),
    reason: `small engine: ${because}`,
  });
  if (graph) {
    const lacking = unsupportedByOrt(graph).map((n) => n.op);
    if (lacking.length > 0)
      return small(`ONNX Runtime has no double-precision kernel for ${[...new Set(lacking)].join(', ')}`);
  }
  const flops = graph ? flopsOf(graph, batch) : options.flops;
  if (flops !== undefined) {
    const limit = overtakenAt(graph, dtype);
    if (flops < limit)
      return small(`${mega(flops)} a run, and ONNX Runtime is faster only from about ${mega(limit)}`);
    return orElseSmall(
      options,
      load,
      `${mega(flops)} a run, above the ${mega(limit)} from which it is faster`,
    );
  }
  return orElseSmall(options, load, 'made for big batches; the size of the work was not said');
}

/** ONNX Runtime where it is installed; where it is not, the small engine, saying so. */
async function orElseSmall(
  options: EngineOptions,
  load: () => Promise<OrtModule>,
  because: string,
): Promise<EngineChoice> {
  try {
    const module = options.module ?? (await load());
    return { engine: await createOrtEngine({ module }), reason: `ONNX Runtime: ${because}` };
  } catch (e) {
    if (!(e instanceof FimError) || e.code !== 'engine/ort-missing') throw e;
    return {
      engine: createSmallEngine(),
      reason: `small engine: ONNX Runtime would suit this (${because}) but is not installed; ${INSTALL_COMMAND}`,
      ortMissing: true,
    };
  }
}

function mega(flops: number): string {
  return `${(flops / 1e6).toPrecision(2)} MFLOP`;
}
