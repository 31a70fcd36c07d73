/**
 * @module engine/small/share
 *
 * Assigns intermediate values to shared memory: a buffer is free again after its last use, and an elementwise function writes
 * over an operand that nobody reads any more.
 */
import { volume } from '../../graph/dims.js';
import { operatorOf } from '../../graph/registry.js';
import type { Value } from '../../graph/value.js';
import { Arena } from './arena.js';
import type { PlanNode } from './fuse.js';

/** Whether a node's loop may write where it reads: each element, or row, is read before it is written. */
function writesInPlace(op: string): boolean {
  if (op === 'Copy') return false;
  if (op === 'Softmax' || op === 'LogSoftmax') return true;
  const { elementwise, mover, derivative } = operatorOf(op);
  if (!elementwise || mover) return false;
  // A comparison's booleans are narrower than what it reads.
  return elementwise.operands === 1 || (elementwise.operands === 2 && derivative !== null);
}

export interface Shared {
  /** By value, from the start of the arena. */
  readonly offsets: ReadonlyMap<Value, number>;
  readonly bytes: number;
}

/**
 * Offsets for what the nodes compute, except values that are placed already. `of` gives the value whose memory another is.
 */
export function shareArena(
  nodes: readonly PlanNode[],
  of: (v: Value) => Value,
  bytes: (v: Value) => number,
  placed: (v: Value) => boolean,
): Shared {
  const last = new Map<Value, number>();
  nodes.forEach((node, i) => {
    for (const v of node.inputs) last.set(of(v), i);
    last.set(of(node.output), Math.max(i, last.get(of(node.output)) ?? i));
  });
  const dying: Value[][] = nodes.map(() => []);
  last.forEach((i, v) => !placed(v) && dying[i].push(v));
  const arena = new Arena();
  const offsets = new Map<Value, number>();
  nodes.forEach((node, i) => {
    const v = of(node.output);
    const over = placed(v) ? null : overwritten(node, of, dying[i]);
    if (over) offsets.set(v, offsets.get(over)!);
    else if (!placed(v)) offsets.set(v, arena.take(bytes(v)));
    for (const d of dying[i]) if (d !== over) arena.give(offsets.get(d)!, bytes(d));
  });
  return { offsets, bytes: arena.bytes };
}

/**
 * An operand that dies here and whose elements the result's may replace one by one. Where two operands are the same memory both are
 * whole, since what is broadcast has fewer elements than the result.
 */
function overwritten(node: PlanNode, of: (v: Value) => Value, dying: readonly Value[]): Value | null {
  if (!writesInPlace(node.op)) return null;
  for (const [i, v] of node.inputs.entries()) {
    const whole = node.views[i] === null && v.dtype === node.output.dtype && sameVolume(v, node.output);
    if (whole && dying.includes(of(v))) return of(v);
  }
  return null;
}

function sameVolume(a: Value, b: Value): boolean {
  const [p, q] = [volume(a.shape), volume(b.shape)];
  return p.size === q.size && p.power === q.power;
}
