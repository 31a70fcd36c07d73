/**
 * @module engine/threads/thread
 *
 * A thread of a crew: an engine of its own, and the programs that it was given, which it runs one command after the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/errors.js';
import { sentError } from '../../core/sent-error.js';
import { allocate, copyInto, type FloatArray, type TypedArray } from '../../core/tensor.js';
import { Halves } from '../halves.js';
import { createOrtEngine } from '../ort/index.js';
import { createSmallEngine } from '../small/index.js';
import type { Engine } from '../types.js';
import { splitOf } from './plain-split.js';
import type { Answer, Asked, Command, Start } from './protocol.js';
import { type Place, type Room, roomOf } from './room.js';

invariant(parentPort !== null, 'engine/threads/thread', 'runs as a worker thread');
const port = parentPort;
const { engine: name } = workerData as Start;
const engine: Promise<Engine> = name === 'ort' ? createOrtEngine() : Promise.resolve(createSmallEngine());
// Whoever asks for it first hears why there is none.
engine.catch(() => undefined);

/** A program with its room. */
interface Held {
  readonly halves: Halves;
  readonly room: Room;
}

const programs = new Map<number, Held>();

async function compile(command: Extract<Command, { kind: 'compile' }>): Promise<void> {
  const { program, weights, maxBatch, memory } = command;
  const made = await engine;
  const split = splitOf(command.split);
  const store = made.store();
  for (const [weight, t] of weights) store.set(weight, t);
  const halves = await Halves.compile(made, split, { maxBatch, store, together: true });
  programs.set(program, { halves, room: roomOf(split, maxBatch, memory) });
}

/** Copies by place, the last of each length: ONNX Runtime reads no shared memory. */
const copies = new WeakMap<Place, TypedArray>();

function read(place: Place, n: number): TypedArray {
  const shared = place.of(n);
  const known = copies.get(place);
  const own = known?.length === shared.length ? known : allocate(place.dtype, shared.length);
  copies.set(place, own);
  copyInto(own, shared);
  return own;
}

async function forward({ halves, room }: Held, n: number): Promise<void> {
  const data = new Map([...room.data].map(([key, place]) => [key, read(place, n)]));
  await halves.forward(data, n);
  for (const [key, place] of room.front) copyInto(place.of(n), halves.output(key));
}

async function run({ halves, room }: Held, half: string, keys: readonly string[], n: number): Promise<void> {
  const given = room.late.get(half) as ReadonlyMap<string, Place>;
  const late = new Map(keys.map((key) => [key, read(given.get(key) as Place, n) as FloatArray]));
  const output = await halves.run(half, late, n);
  for (const [key, place] of room.outputs.get(half) ?? []) {
    const made = output(key);
    if (made) copyInto(place.of(n), made);
  }
}

function perform(command: Command): Promise<void> | void {
  if (command.kind === 'compile') return compile(command);
  const held = programs.get(command.program);
  if (!held) return undefined;
  switch (command.kind) {
    case 'forward':
      return forward(held, command.n);
    case 'run':
      return run(held, command.half, command.late, command.n);
    case 'dispose':
      held.halves.dispose();
      programs.delete(command.program);
  }
}

async function answer({ id, command }: Asked): Promise<Answer> {
  try {
    await perform(command);
    return { id };
  } catch (error) {
    return { id, error: sentError(error) };
  }
}

let last: Promise<void> = Promise.resolve();
port.on('message', (asked: Asked) => {
  last = last.then(async () => port.postMessage(await answer(asked)));
});
