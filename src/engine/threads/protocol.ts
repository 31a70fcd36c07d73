/**
 * @module engine/threads/protocol
 *
 * Messages between a crew and its threads. Arrays do not travel: they lie in the room of each program, shared.
 */
import type { SentError } from '../../core/sent-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { EngineName } from '../types.js';
import type { PlainSplit } from './plain-split.js';

/** What a thread is started with. */
export interface Start {
  readonly engine: EngineName;
}

/** Something to do, on the program of that number. */
export type Command =
  | {
      readonly kind: 'compile';
      readonly program: number;
      readonly split: PlainSplit;
      readonly weights: ReadonlyMap<string, Tensor>;
      readonly maxBatch: number;
      readonly memory: SharedArrayBuffer;
    }
  | { readonly kind: 'forward'; readonly program: number; readonly n: number }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly half: string;
      readonly late: readonly string[];
      readonly n: number;
    }
  | { readonly kind: 'dispose'; readonly program: number };

/** A command and the number that its answer has. */
export interface Asked {
  readonly id: number;
  readonly command: Command;
}

/** It is done, or why it is not. */
export interface Answer {
  readonly id: number;
  readonly error?: SentError;
}
