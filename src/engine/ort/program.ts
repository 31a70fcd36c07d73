/**
 * @module engine/ort/program
 *
 * A graph as an ONNX Runtime session. Slots and what the caller gives are fed as they lie; outputs are new arrays of the runtime at
 * every run (onnxruntime-node copies each out of the session), and are passed on to connected programs as they are.
 */
import { FimError } from '../../core/errors.js';
import type { TypedArray } from '../../core/tensor.js';
import { concrete, isBatch } from '../../graph/dims.js';
import type { Named } from '../../graph/graph.js';
import { outside } from '../../graph/ops/indexed.js';
import {
  checkBatch,
  checkConnected,
  checkData,
  disposed,
  examplesFirst,
  type Expected,
  lengthFor,
  missingInput,
  portOf,
  unknownName,
} from '../check.js';
import type { AsyncProgram, Port, ProgramInfo } from '../types.js';
import type { OrtModule, OrtSession, OrtTensor } from './module.js';
import { type OrtSlot, wrap } from './store.js';

/** Where one input of the session comes from. `key` is its name in the session. */
export type Feed =
  | { readonly kind: 'slot'; readonly key: string; readonly slot: OrtSlot }
  | {
      readonly kind: 'link';
      readonly key: string;
      readonly port: Port;
      readonly program: OrtProgram;
      readonly output: string;
    }
  | { readonly kind: 'given'; readonly key: string; readonly given: Given };

/** An input that the caller sets. */
interface Given extends Expected {
  data: TypedArray | null;
  /** The tensor made of it for the last run. */
  tensor: OrtTensor | null;
  n: number;
}

/** What a program is made of. */
export interface OrtParts {
  readonly owner: object;
  readonly ort: OrtModule;
  readonly session: OrtSession;
  readonly info: ProgramInfo;
  readonly maxBatch: number;
  readonly inputs: readonly Given[];
  readonly outputs: readonly Named[];
  readonly feeds: readonly Feed[];
  readonly keys: ReadonlyMap<string, string>;
}

export class OrtProgram implements AsyncProgram {
  readonly sync = false;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private readonly given: ReadonlyMap<string, Given>;
  private results: Record<string, OrtTensor> = {};
  private n = -1;
  private session: OrtSession | null;

  /** The engine that made it. */
  readonly owner: object;
  readonly info: ProgramInfo;
  readonly maxBatch: number;
  private readonly ort: OrtModule;
  private readonly feeds: readonly Feed[];
  /** Names of the outputs in the session. */
  private readonly keys: ReadonlyMap<string, string>;

  constructor(parts: OrtParts) {
    const { inputs, outputs } = parts;
    this.owner = parts.owner;
    this.ort = parts.ort;
    this.session = parts.session;
    this.info = parts.info;
    this.maxBatch = parts.maxBatch;
    this.feeds = parts.feeds;
    this.keys = parts.keys;
    this.given = new Map(inputs.map((g) => [g.port.name, g]));
    this.inputs = inputs.map((g) => g.port);
    this.outputs = outputs.map(portOf);
  }

  setInput(name: string, data: TypedArray): void {
    const g = this.given.get(name);
    if (!g) throw unknownName('input', name, [...this.given.keys()]);
    checkData(g, data);
    g.data = data;
    g.tensor = null;
  }

  async run(n: number): Promise<void> {
    checkBatch(n, this.maxBatch);
    if (!this.session) throw disposed('program');
    const feeds: Record<string, OrtTensor> = {};
    for (const f of this.feeds) feeds[f.key] = this.feed(f, n);
    try {
      // The runtime works in the arrays of the last run where they have the right sizes; onnxruntime-node gives copies of them.
      this.results =
        n === this.n ? await this.session.run(feeds, this.results) : await this.session.run(feeds);
    } catch (cause) {
      throw outOfBounds(cause) ?? runtimeError('run', cause);
    }
    this.n = n;
  }

  output(name: string): TypedArray {
    return this.tensorOf(name).data as TypedArray;
  }

  dispose(): void {
    const { session } = this;
    this.session = null;
    this.results = {};
    // Nothing waits for it, and a session that cannot be released is none of the caller's business.
    session?.release().catch(() => undefined);
  }

  get alive(): boolean {
    return this.session !== null;
  }

  private tensorOf(name: string): OrtTensor {
    const key = this.keys.get(name);
    if (key === undefined) throw unknownName('output', name, [...this.keys.keys()]);
    if (!this.session) throw disposed('program');
    const t = this.results[key];
    if (!t) {
      throw new FimError({
        code: 'engine/output',
        where: `output "${name}"`,
        rule: 'exists only after a run',
        next: 'await program.run(n)',
      });
    }
    return t;
  }

  private feed(f: Feed, n: number): OrtTensor {
    if (f.kind === 'slot') return f.slot.tensor;
    if (f.kind === 'given') return this.givenTensor(f.given, n);
    checkConnected(f.port, f.program.n, n);
    const t = f.program.tensorOf(f.output);
    return f.program.n === n || !f.port.shape.some(isBatch) ? t : this.front(f.port, t.data as TypedArray, n);
  }

  private givenTensor(g: Given, n: number): OrtTensor {
    const { port, data } = g;
    const need = lengthFor(port.shape, n);
    if (!data || data.length < need || (data.length > need && !examplesFirst(port.shape)))
      throw missingInput(port, data ? data.length : -1, n);
    if (!g.tensor || g.n !== n) {
      g.tensor = this.front(port, data, n);
      g.n = n;
    }
    return g.tensor;
  }

  /** The first n examples. */
  private front(port: Port, data: TypedArray, n: number): OrtTensor {
    const need = lengthFor(port.shape, n);
    const part = data.length === need ? data : data.subarray(0, need);
    return wrap(this.ort, port.dtype, part, concrete(port.shape, n));
  }
}

/** An index of the data that names no row, as the small engine says it; null for anything else. */
function outOfBounds(cause: unknown): FimError | null {
  const said = cause instanceof Error ? cause.message : '';
  const found = /out of data bounds, idx=(-?\d+) must be within the inclusive range \[-\d+,(\d+)\]/.exec(
    said,
  );
  if (found) return outside(found[1], Number(found[2]) + 1);
  const bad = /invalid index found, index = (-?\d+)/.exec(said);
  return bad ? outside(bad[1], null) : null;
}

/** What ONNX Runtime says, under our code. */
export function runtimeError(where: 'compile' | 'run', cause: unknown): FimError {
  return new FimError(
    {
      code: 'engine/ort',
      kind: 'unsupported',
      where: `ONNX Runtime ${where}`,
      rule: 'refused the graph',
      got: cause instanceof Error ? cause.message : String(cause),
      next: "take the other engine: `engine: 'small'`",
    },
    { cause },
  );
}
