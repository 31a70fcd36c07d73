/**
 * @module engine/small/engine
 *
 * The small engine: one linear memory that holds its stores and all its programs. Compiling is synchronous; the interface's
 * `compile` wraps it.
 */
import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/value.js';
import {
  checkConnection,
  checkMaxBatch,
  checkSlot,
  connectionsOf,
  foreignProgram,
  foreignStore,
  portOf,
} from '../check.js';
import type { CompileOptions, Engine, SyncProgram } from '../types.js';
import { Heap } from './heap.js';
import { type KernelBuild, type Kernels, loadKernels } from './kernels/index.js';
import { makePlan } from './plan.js';
import { type Link, SmallProgram } from './program.js';
import { SmallStore } from './store.js';

/** The engine in WebAssembly and TypeScript: no dependency, runs inside the call, fast on small networks. */
export class SmallEngine implements Engine {
  /** `small`. */
  readonly name = 'small';
  readonly copies = false;
  readonly convolves = false;
  readonly build: string;
  private readonly heap: Heap;
  private readonly kernels: Kernels | null;

  /**
   * `build`: which kernels; `typescript` has none, only plain loops. Throws `kernels/unsupported` where the host refuses it.
   * @throws FimError with `kernels/memory`, `kernels/unknown`
   */
  constructor(build: SmallOptions['build'] = 'auto') {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
    this.kernels = build === 'typescript' ? null : loadKernels(memory, { build });
    this.heap = new Heap(memory, this.kernels?.reservedBytes);
    this.build = this.kernels?.build ?? 'typescript';
  }

  store(): SmallStore {
    return new SmallStore(this.heap, this.kernels);
  }

  async compile(graph: Graph, options: CompileOptions): Promise<SyncProgram> {
    return this.compileSync(graph, options);
  }

  /**
   * Compiles at once. Throws `engine/batch`, `engine/slot`, `engine/connect`, `engine/operator`, `engine/memory`.
   * @throws FimError with `engine/name`, `engine/store`
   */
  compileSync(graph: Graph, options: CompileOptions): SyncProgram {
    const { maxBatch } = options;
    checkMaxBatch(maxBatch);
    const connections = connectionsOf(graph, options);
    const store = options.store ?? this.store();
    if (!(store instanceof SmallStore) || store.heap !== this.heap) throw foreignStore('small');

    const bound = new Map<Value, number>();
    const links: Link[] = [];
    const free = graph.inputs.filter((named) => {
      const { name, value } = named;
      const port = portOf(named);
      const link = connections.get(name);
      if (link) {
        const { program, output } = link;
        if (!(program instanceof SmallProgram) || !program.isOn(this.heap) || !program.alive)
          throw foreignProgram(name, 'small');
        const source = program.outputs.find((o) => o.name === output);
        checkConnection(port, source, output, program.maxBatch, maxBatch);
        links.push({ port, program });
        bound.set(value, program.pointerOf(output));
      } else if (store.has(name)) {
        const slot = store.slot(name);
        checkSlot('input', port, slot, name);
        bound.set(value, slot.ptr);
      } else return true;
      return false;
    });
    const plan = makePlan(
      this.heap,
      this.kernels,
      graph.outputs.map((o) => o.value),
      free.map((i) => i.value),
      bound,
      maxBatch,
    );
    return new SmallProgram(this.heap, plan, maxBatch, this.build, free, graph.outputs, links);
  }

  /** Nothing outside memory is held: what is no longer referenced is collected. */
  dispose(): void {}
}

/** How the small engine computes. */
export interface SmallOptions {
  /**
   * Kernels: `auto` (default) takes relaxed SIMD where the host has it, else SIMD128; `typescript` runs plain loops only. Results
   * are bit-identical within one build.
   */
  build?: KernelBuild | 'auto' | 'typescript';
}

/**
 * A small engine with a memory of its own.
 * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function createSmallEngine(options: SmallOptions = {}): SmallEngine {
  return new SmallEngine(options.build);
}
