/**
 * @module disk/machine-memory
 *
 * Memory that this machine has, or that its container gives to the process: what large work is held against before it begins.
 */
import { totalmem } from 'node:os';
import { FimError } from '../core/errors.js';
import { bytesText } from '../core/settings/bytes.js';

/** Bytes that this process could have at most. */
export function machineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Refuses work that needs `bytes`, more than this machine has. Throws `memory/machine`. */
export function requireMemory(bytes: number, where: string, what: string, next: string): void {
  const there = machineMemory();
  if (bytes <= there) return;
  throw new FimError({
    code: 'memory/machine',
    kind: 'unsupported',
    where,
    rule: `${what} must fit into the memory of this machine`,
    got: `at least ${bytesText(bytes)}, of ${bytesText(there)}`,
    next,
  });
}
