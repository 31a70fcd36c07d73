/**
 * @module core/random-sequence
 *
 * A sequential generator on the same Philox, for shuffles, initialisers, environments: the n-th number of
 * (seed, stream, index) is Philox at counter (⌊n/2⌋, index). Its whole state is its name and a position, so it is saved
 * and restored exactly and two indices (workers, environments) never overlap.
 */
import { FimError } from './errors.js';
import { streamKey } from './random-hash.js';
import { normalQuantile } from './random-normal.js';
import { integerFromWords, philox, uniformFromWords } from './random-philox.js';

const SEQUENTIAL = 0x73657175;
const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;

/** An array of any kind whose elements can be set. */
export interface Shuffled {
  /** Number of elements. */
  readonly length: number;
  /** Element i. */
  [i: number]: unknown;
}

/** All that a sequence is: plain numbers and a string, fit for JSON. `position` counts the 64-bit words consumed. */
export interface SequenceState {
  /** The seed of the run, a safe integer ≥ 0. */
  seed: number;
  /** The purpose of the draws: streams of different names are independent. */
  stream: string;
  /** Which of the sequences of the stream. */
  index: number;
  /** 64-bit words consumed so far. */
  position: number;
}

/** Throws `random/seed` for an unsafe seed, `random/sequence` for an index or position that is no safe integer >= 0. */
export class Sequence {
  /** The seed of the run, a safe integer ≥ 0. */
  readonly seed: number;
  /** The purpose of the draws: streams of different names are independent. */
  readonly stream: string;
  /** Which of the sequences of the stream. */
  readonly index: number;
  private readonly k0: number;
  private readonly k1: number;
  private readonly block = new Uint32Array(4);
  private held = -1;
  private position = 0;

  constructor(seed: number, stream: string, index = 0) {
    check(index, 'index', stream);
    this.seed = seed;
    this.stream = stream;
    this.index = index;
    [this.k0, this.k1] = streamKey(seed, stream, SEQUENTIAL);
  }

  /**
   * The sequence that `state()` described, continuing where it stood.
   * @throws FimError with `random/seed`, `random/sequence`
   */
  static from(state: SequenceState): Sequence {
    return new Sequence(state.seed, state.stream, state.index).restore(state);
  }

  /** Uniform strictly inside (0, 1). */
  next(): number {
    const half = this.advance();
    return uniformFromWords(this.block[half], this.block[half + 1]);
  }

  /** Standard normal, by the quantile: one number each, none cached. */
  normal(): number {
    return normalQuantile(this.next());
  }

  /** +1 or −1 with probability ½. */
  sign(): 1 | -1 {
    return this.next() > 0.5 ? 1 : -1;
  }

  /**
   * Integer in [0, n), each equally likely (values beyond the last whole multiple of n are drawn again).
   * @throws FimError with `random/sequence`
   */
  integer(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new FimError({
        code: 'random/sequence',
        kind: 'usage',
        where: `integer(n) of the stream '${this.stream}'`,
        rule: 'n is an integer from 1 to 2^53 - 1',
        got: String(n),
      });
    }
    const limit = TWO_53 - (TWO_53 % n);
    for (;;) {
      const half = this.advance();
      const k = integerFromWords(this.block[half], this.block[half + 1]);
      if (k < limit) return k % n;
    }
  }

  /**
   * Fisher–Yates in place; returns the same array.
   * @throws FimError with `random/sequence`
   */
  shuffle<A extends Shuffled>(array: A): A {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = array[i];
      array[i] = array[j];
      array[j] = held;
    }
    return array;
  }

  /** All that `Sequence.from` needs to go on from here. */
  state(): SequenceState {
    return { seed: this.seed, stream: this.stream, index: this.index, position: this.position };
  }

  /**
   * Goes to the position of `state`, which must be of the same seed, stream and index.
   * @throws FimError with `random/sequence`
   */
  restore(state: SequenceState): this {
    check(state.position, 'position', this.stream);
    if (state.seed !== this.seed || state.stream !== this.stream || state.index !== this.index) {
      throw new FimError({
        code: 'random/sequence',
        kind: 'usage',
        where: `restore() of the stream '${this.stream}', seed ${this.seed}, index ${this.index}`,
        rule: 'a state is restored into a sequence of the same seed, stream and index',
        got: `stream '${state.stream}', seed ${state.seed}, index ${state.index}`,
        next: 'Sequence.from(state)',
      });
    }
    this.position = state.position;
    return this;
  }

  /** Consumes 64 bits; returns the offset of their words in `block`. */
  private advance(): 0 | 2 {
    const half = this.position % 2 === 0 ? 0 : 2;
    const number = (this.position - half / 2) / 2;
    if (number !== this.held) {
      philox(
        this.block,
        number,
        Math.floor(number / TWO_32),
        this.index,
        Math.floor(this.index / TWO_32),
        this.k0,
        this.k1,
      );
      this.held = number;
    }
    this.position++;
    return half;
  }
}

function check(value: number, name: string, stream: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new FimError({
    code: 'random/sequence',
    kind: 'usage',
    where: `sequence '${stream}'`,
    rule: `${name} is a safe integer >= 0`,
    got: String(value),
  });
}

/**
 * A uniformly random permutation of 0 … n−1 [n] that depends on (n, seed, stream) only.
 * @throws FimError with `random/seed`, `random/sequence`
 */
export function permutation(n: number, seed: number, stream: string): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  return new Sequence(seed, stream).shuffle(order);
}
