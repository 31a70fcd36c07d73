/**
 * @module engine/check
 *
 * The complaints that both engines share about what a program is given.
 */
import { FimError } from '../core/errors.js';
import { allocate, type DType, sameShape, sizeOf, type TypedArray } from '../core/tensor.js';
import { batchAxis, concrete, isBatch, sameDims, type Shape, showShape, volume } from '../graph/dims.js';
import type { Graph, Named } from '../graph/graph.js';
import type { CompileOptions, Connection, Port } from './types.js';

export function portOf({ name, value }: Named): Port {
  return { name, dtype: value.dtype, shape: value.shape };
}

/** `float32[N, 4]` */
export function showPort(p: { dtype: DType; shape: Shape }): string {
  return `${p.dtype}${showShape(p.shape)}`;
}

/** The largest batch of a program is a whole number of at least 1. Throws `engine/batch`. */
export function checkMaxBatch(maxBatch: number): void {
  if (!(Number.isInteger(maxBatch) && maxBatch >= 1)) {
    throw new FimError({
      code: 'engine/batch',
      where: 'compile',
      rule: 'maxBatch must be a whole number of at least 1',
      got: String(maxBatch),
    });
  }
}

/** The number of examples of a run. Throws `engine/batch`. */
export function checkBatch(n: number, maxBatch: number): void {
  if (!(Number.isInteger(n) && n >= 0 && n <= maxBatch)) {
    throw new FimError({
      code: 'engine/batch',
      where: 'run',
      rule: `the number of examples must be a whole number from 0 to maxBatch = ${maxBatch}`,
      got: String(n),
      next: 'compile with a larger maxBatch, or run in parts',
    });
  }
}

/** What data an input takes, settled once so that checking it costs nothing. */
export interface Expected {
  readonly port: Port;
  readonly type: unknown;
  /** Elements for n examples: fixed + each·n. */
  readonly fixed: number;
  readonly each: number;
  readonly maxBatch: number;
}

export function expected(port: Port, maxBatch: number): Expected {
  const { size, power } = volume(port.shape);
  const type = allocate(port.dtype, 0).constructor;
  return { port, type, fixed: power === 0 ? size : 0, each: power === 0 ? 0 : size, maxBatch };
}

/** Data for an input: the right type, and as long as some number of examples up to maxBatch asks. Throws `engine/input`. */
export function checkData(e: Expected, data: TypedArray): void {
  const { length } = data;
  const { fixed, each, maxBatch } = e;
  const fits = each === 0 ? length === fixed : length % each === 0 && length <= each * maxBatch;
  if (fits && data.constructor === e.type) return;
  throw new FimError({
    code: 'engine/input',
    where: `input "${e.port.name}"`,
    rule: `takes ${showPort(e.port)} as ${(e.type as { name: string }).name}${each > 0 ? `, N ≤ ${maxBatch}` : ''}`,
    got: `${data.constructor.name} of ${length} elements`,
  });
}

/** Elements of a value of this shape for n examples. */
export function lengthFor(shape: Shape, n: number): number {
  return sizeOf(concrete(shape, n));
}

/**
 * What a batch of `from` examples can be read as: any smaller one where the examples lie one after the other, only itself where
 * another axis stands before them.
 */
export function examplesFirst(shape: Shape): boolean {
  const axis = batchAxis(shape);
  return shape.slice(0, axis).every((d) => d === 1);
}

/** The outputs of another program, read by a run of n examples. Throws `engine/connect`. */
export function checkConnected(port: Port, sourceN: number, n: number): void {
  if (!port.shape.some(isBatch) || sourceN === n || (sourceN > n && examplesFirst(port.shape))) return;
  throw new FimError({
    code: 'engine/connect',
    where: `input "${port.name}"`,
    rule: examplesFirst(port.shape)
      ? 'needs at least as many examples as the run'
      : 'has another axis before the examples, so it needs exactly as many as the run',
    got: `${sourceN} examples from the program it is connected to, ${n} for this run`,
  });
}

export function missingInput(port: Port, given: number, n: number): FimError {
  return new FimError({
    code: 'engine/input',
    where: `input "${port.name}"`,
    rule: `needs ${lengthFor(port.shape, n)} elements for ${n} examples`,
    got: given < 0 ? 'never set' : `${given} elements`,
    next: `setInput("${port.name}", data) before run(${n})`,
  });
}

export function unknownName(kind: 'input' | 'output', name: string, known: readonly string[]): FimError {
  return new FimError({
    code: 'engine/name',
    where: `${kind} "${name}"`,
    rule: `the program has no such ${kind}`,
    got: `${kind}s ${known.join(', ') || '(none)'}`,
  });
}

/** A slot bound to an input has its type and shape. Throws `engine/slot`. */
export function checkSlot(
  what: string,
  port: Port,
  slot: { dtype: DType; shape: readonly number[] },
  slotName: string,
): void {
  const fixed = !port.shape.some(isBatch);
  if (!fixed || slot.dtype !== port.dtype || !sameShape(slot.shape, port.shape as readonly number[])) {
    throw new FimError({
      code: 'engine/slot',
      where: `${what} "${port.name}"`,
      rule: `is ${showPort(port)}, so a slot bound to it must be too${fixed ? '' : ', and a slot has no examples'}`,
      got: `slot "${slotName}" ${slot.dtype}[${slot.shape.join(', ')}]`,
    });
  }
}

/** A connection joins ports of one type and shape, the source's batch at least as large. Throws `engine/connect`. */
export function checkConnection(
  port: Port,
  source: Port | undefined,
  output: string,
  sourceBatch: number,
  maxBatch: number,
): void {
  if (!source) {
    throw new FimError({
      code: 'engine/connect',
      where: `input "${port.name}"`,
      rule: `connects to output "${output}", which the other program does not have`,
    });
  }
  if (source.dtype !== port.dtype || !sameDims(source.shape, port.shape)) {
    throw new FimError({
      code: 'engine/connect',
      where: `input "${port.name}"`,
      rule: `is ${showPort(port)}, so what it is connected to must be too`,
      got: `output "${output}" ${showPort(source)}`,
    });
  }
  if (port.shape.some(isBatch) && sourceBatch < maxBatch) {
    throw new FimError({
      code: 'engine/connect',
      where: `input "${port.name}"`,
      rule: `needs ${maxBatch} examples, so the program it is connected to must be made for as many`,
      got: `output "${output}" of a program made for ${sourceBatch}`,
    });
  }
}

export function foreignProgram(input: string, engine: string): FimError {
  return new FimError({
    code: 'engine/connect',
    where: `input "${input}"`,
    rule: `can be connected only to a live program of the same ${engine} engine`,
  });
}

export function foreignStore(engine: string): FimError {
  return new FimError({
    code: 'engine/store',
    where: 'compile',
    rule: `takes a store made by the same ${engine} engine: engine.store()`,
  });
}

export function disposed(what: string): FimError {
  return new FimError({
    code: 'engine/disposed',
    where: what,
    rule: 'was disposed of and cannot be used again',
  });
}

/** Connections by the name of the input. Throws `engine/name` for a name that the graph does not have. */
export function connectionsOf(graph: Graph, { connect = {} }: CompileOptions): Map<string, Connection> {
  const pairs: Iterable<readonly [string, Connection]> =
    connect instanceof Map ? (connect as ReadonlyMap<string, Connection>) : Object.entries(connect);
  const connections = new Map(pairs);
  const inputs = new Set(graph.inputs.map((i) => i.name));
  for (const name of connections.keys()) if (!inputs.has(name)) throw unknownName('input', name, [...inputs]);
  return connections;
}
