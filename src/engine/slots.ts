/**
 * @module engine/slots
 *
 * Checks and messages that the stores of both engines share: how a slot is named in a message, and what may be put into one.
 */
import { FimError } from '../core/errors.js';
import type { DType } from '../core/tensor.js';

interface Typed {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** `float32[3, 4]` */
export function describe(t: Typed): string {
  return `${t.dtype}[${t.shape.join(', ')}]`;
}

/** A slot keeps its type and shape. */
export function otherSlot(name: string, slot: Typed, got: Typed): FimError {
  return new FimError({
    code: 'engine/slot',
    where: `store slot "${name}"`,
    rule: `holds ${describe(slot)} for as long as it exists`,
    got: describe(got),
  });
}

export function unknownSlot(name: string, known: readonly string[]): FimError {
  return new FimError({
    code: 'engine/slot',
    where: `store slot "${name}"`,
    rule: 'does not exist',
    got: `slots ${known.join(', ') || '(none)'}`,
    next: `store.set("${name}", tensor) first`,
  });
}
