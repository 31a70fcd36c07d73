/**
 * @module engine/threads/distant
 *
 * A cut graph that runs in another thread, as its program here: what goes in and what comes out lies in shared memory.
 */
import { copyInto, type FloatArray, type Tensor, type TypedArray } from '../../core/tensor.js';
import type { SplitProgram, SplitRequest } from '../split.js';
import { plainSplit } from './plain-split.js';
import type { Command } from './protocol.js';
import { type Room, roomOf } from './room.js';

/** Asks the thread, and waits until it is done. */
export type Ask = (command: Command) => Promise<void>;

/** A tensor whose array is all of its memory, for messages take the whole memory. */
const alone = (t: Tensor): Tensor =>
  t.data.byteLength === t.data.buffer.byteLength ? t : { ...t, data: t.data.slice() };

/** Copies the first numbers of `from`, as many as there is place for, where they are not there yet. */
function put(place: TypedArray, from: TypedArray): void {
  if (from.buffer === place.buffer && from.byteOffset === place.byteOffset) return;
  copyInto(place, from.length === place.length ? from : from.subarray(0, place.length));
}

export class DistantSplit implements SplitProgram {
  private n = 0;

  private constructor(
    private readonly ask: Ask,
    private readonly program: number,
    private readonly room: Room,
    readonly maxBatch: number,
  ) {}

  /** Compiles in the thread, under a number that no other program there has. */
  static async compile(
    ask: Ask,
    program: number,
    { split, weights, maxBatch }: SplitRequest,
  ): Promise<DistantSplit> {
    const given = { ...split, weights: [...split.weights] };
    const room = roomOf(given, maxBatch);
    const { memory } = room;
    const own = new Map([...weights].map(([name, t]) => [name, alone(t)]));
    await ask({ kind: 'compile', program, split: plainSplit(given), weights: own, maxBatch, memory });
    return new DistantSplit(ask, program, room, maxBatch);
  }

  place(name: string, n: number): TypedArray | null {
    return this.room.data.get(name)?.of(n) ?? null;
  }

  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<void> {
    for (const [name, data] of inputs) {
      const place = this.room.data.get(name)?.of(n);
      if (place) put(place, data);
    }
    this.n = n;
    await this.ask({ kind: 'forward', program: this.program, n });
  }

  output(name: string): FloatArray {
    return this.room.front.get(name)?.of(this.n) as FloatArray;
  }

  async run(
    half: string,
    late: Readonly<Record<string, FloatArray>> | ReadonlyMap<string, FloatArray>,
    n: number,
  ): Promise<(output: string) => FloatArray | null> {
    const { program, room } = this;
    const given: Iterable<readonly [string, FloatArray]> =
      late instanceof Map ? (late as ReadonlyMap<string, FloatArray>) : Object.entries(late);
    const read: string[] = [];
    for (const [key, data] of given) {
      const place = room.late.get(half)?.get(key)?.of(n);
      if (!place) continue;
      put(place, data);
      read.push(key);
    }
    await this.ask({ kind: 'run', program, half, late: read, n });
    const outputs = room.outputs.get(half);
    return (output) => (outputs?.get(output)?.of(n) as FloatArray | undefined) ?? null;
  }

  dispose(): void {
    // A thread that has ended has nothing to free.
    this.ask({ kind: 'dispose', program: this.program }).catch(() => undefined);
  }
}
