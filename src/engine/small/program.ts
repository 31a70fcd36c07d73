/**
 * @module engine/small/program
 *
 * A planned graph that runs inside the call: a list of closures, no allocation, no promise. What a program reads from elsewhere
 * (slots, outputs of other programs) it reads in place.
 */
import type { TypedArray } from '../../core/tensor.js';
import type { Named } from '../../graph/graph.js';
import {
  checkBatch,
  checkConnected,
  checkData,
  disposed,
  examplesFirst,
  type Expected,
  expected,
  lengthFor,
  missingInput,
  portOf,
  unknownName,
} from '../check.js';
import type { Port, ProgramInfo, SyncProgram } from '../types.js';
import type { Heap } from './heap.js';
import type { Step } from './lower/types.js';
import type { Plan } from './plan.js';

interface View {
  readonly port: Port;
  readonly ptr: number;
  array: TypedArray | null;
  n: number;
  generation: number;
}

interface Given extends View, Expected {
  /** Elements that were set; -1: none yet. */
  length: number;
  /** A longer batch can be read as a shorter one. */
  readonly prefix: boolean;
  readonly read: boolean;
}

/** An input that is another program's output. */
export interface Link {
  readonly port: Port;
  readonly program: SmallProgram;
}

export class SmallProgram implements SyncProgram {
  readonly sync = true;
  readonly info: ProgramInfo;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private readonly steps: readonly Step[];
  private readonly given = new Map<string, Given>();
  private readonly must: readonly Given[];
  private readonly views = new Map<string, View>();
  private n = 0;
  /** This program, and those connected to its outputs. */
  private holders = 1;
  private gone = false;

  constructor(
    private readonly heap: Heap,
    private readonly plan: Plan,
    readonly maxBatch: number,
    build: string,
    inputs: readonly Named[],
    outputs: readonly Named[],
    private readonly links: readonly Link[],
  ) {
    this.steps = plan.steps;
    this.inputs = inputs.map(portOf);
    this.outputs = outputs.map(portOf);
    this.info = { engine: 'small', nodes: plan.steps.length, build, bytes: plan.bytes };
    for (const named of inputs) {
      const port = portOf(named);
      this.given.set(port.name, {
        ...viewOf(port, plan.inputs.get(named.value)!),
        ...expected(port, maxBatch),
        length: -1,
        prefix: examplesFirst(port.shape),
        read: plan.read.has(named.value),
      });
    }
    this.must = [...this.given.values()].filter((g) => g.read);
    outputs.forEach((o, i) => this.views.set(o.name, viewOf(portOf(o), plan.outputs[i])));
    for (const { program } of links) program.holders++;
  }

  setInput(name: string, data: TypedArray): void {
    const g = this.givenInput(name);
    checkData(g, data);
    const to = this.heap.views[g.port.dtype] as Float64Array;
    const from = g.ptr / to.BYTES_PER_ELEMENT;
    // Below some dozens of elements a loop beats the call.
    if (data.length > 32) to.set(data as Float64Array, from);
    else for (let i = 0; i < data.length; i++) to[from + i] = data[i] as number;
    g.length = data.length;
  }

  inputView(name: string): TypedArray {
    const g = this.givenInput(name);
    g.length = Infinity; // whatever the run needs
    return this.view(g, this.maxBatch);
  }

  run(n: number): void {
    checkBatch(n, this.maxBatch);
    if (this.gone) throw disposed('program');
    for (const g of this.must) {
      const need = g.fixed + g.each * n;
      if (g.length < need || (!g.prefix && g.length !== need && g.length !== Infinity))
        throw missingInput(g.port, g.length, n);
    }
    for (const l of this.links) checkConnected(l.port, l.program.n, n);
    this.n = n;
    const { steps } = this;
    for (let i = 0; i < steps.length; i++) steps[i](n);
  }

  output(name: string): TypedArray {
    const v = this.views.get(name);
    if (!v) throw unknownName('output', name, [...this.views.keys()]);
    if (this.gone) throw disposed('program');
    return this.view(v, this.n);
  }

  dispose(): void {
    if (this.gone) return;
    this.gone = true;
    this.release();
  }

  /** Whether it may still be connected to. */
  get alive(): boolean {
    return !this.gone;
  }

  /** Pointer of an output, for programs connected to it. */
  pointerOf(name: string): number {
    return this.views.get(name)!.ptr;
  }

  isOn(heap: Heap): boolean {
    return this.heap === heap;
  }

  private release(): void {
    if (--this.holders > 0) return;
    for (const block of this.plan.blocks) this.heap.release(block);
    for (const { program } of this.links) program.release();
  }

  private givenInput(name: string): Given {
    const g = this.given.get(name);
    if (!g) throw unknownName('input', name, [...this.given.keys()]);
    if (this.gone) throw disposed('program');
    return g;
  }

  private view(v: View, n: number): TypedArray {
    if (!v.array || v.n !== n || v.generation !== this.heap.generation) {
      v.array = this.heap.view(v.port.dtype, v.ptr, lengthFor(v.port.shape, n));
      v.n = n;
      v.generation = this.heap.generation;
    }
    return v.array;
  }
}

function viewOf(port: Port, ptr: number): View {
  return { port, ptr, array: null, n: -1, generation: -1 };
}
