/**
 * @module core/random-keyed
 *
 * Draws by name: a uniform is a function of (seed, stream, example, occurrence, draw, component) and of nothing else, so
 * an estimate does not depend on batch size, order or threads, and an added probe moves no other draw. `example` is the
 * index in the data set; `occurrence` counts repeats of that example within one estimate (inputs drawn with replacement
 * would otherwise share their labels).
 *
 * Philox counter: (example, occurrence, draw, ⌊component/2⌋); components 2c and 2c+1 are the two halves of one output.
 */
import { FimError } from './errors.js';
import { streamKey } from './random-hash.js';
import { normalQuantile } from './random-normal.js';
import { philox, uniformFromWords } from './random-philox.js';

const KEYED = 0x6b657965;

/** The full name of one draw. The last four are integers in [0, 2^32). */
export interface DrawKey {
  seed: number;
  stream: string;
  example: number;
  occurrence: number;
  draw: number;
  component: number;
}

/** The draws of one (seed, stream): the fast form, without allocation. Throws `random/seed`, `random/index`. */
export class UniformStream {
  /** The seed of the run, a safe integer ≥ 0. */
  readonly seed: number;
  /** The purpose of the draws: streams of different names are independent. */
  readonly stream: string;
  private readonly k0: number;
  private readonly k1: number;
  private readonly block = new Uint32Array(4);

  constructor(seed: number, stream: string) {
    this.seed = seed;
    this.stream = stream;
    [this.k0, this.k1] = streamKey(seed, stream, KEYED);
  }

  /**
   * A uniform strictly inside (0, 1), an odd multiple of 2^-53.
   * @throws FimError with `random/index`
   */
  at(example: number, occurrence: number, draw: number, component: number): number {
    if (
      example >>> 0 !== example ||
      occurrence >>> 0 !== occurrence ||
      draw >>> 0 !== draw ||
      component >>> 0 !== component
    ) {
      throw badIndex(this.stream, example, occurrence, draw, component);
    }
    const w = this.block;
    philox(w, example, occurrence, draw, component >>> 1, this.k0, this.k1);
    return component & 1 ? uniformFromWords(w[2], w[3]) : uniformFromWords(w[0], w[1]);
  }

  /**
   * Components first, first+1, …, first+count−1 of one draw into out[offset…], an array [offset + count] or longer: two for the price of
   * one.
   * @throws FimError with `random/index`
   */
  fill(
    out: Float64Array,
    offset: number,
    count: number,
    example: number,
    occurrence: number,
    draw: number,
    first = 0,
  ): void {
    const w = this.block;
    for (let i = 0; i < count; i++) {
      const component = first + i;
      if (i === 0 || !(component & 1)) out[offset + i] = this.at(example, occurrence, draw, component);
      else out[offset + i] = uniformFromWords(w[2], w[3]);
    }
  }

  /**
   * A standard normal: the quantile of the uniform of the same key.
   * @throws FimError with `random/index`
   */
  normalAt(example: number, occurrence: number, draw: number, component: number): number {
    return normalQuantile(this.at(example, occurrence, draw, component));
  }

  /**
   * A Rademacher sign, +1 or −1 with probability ½: +1 where the uniform of the same key is above ½.
   * @throws FimError with `random/index`
   */
  signAt(example: number, occurrence: number, draw: number, component: number): 1 | -1 {
    return this.at(example, occurrence, draw, component) > 0.5 ? 1 : -1;
  }
}

function badIndex(stream: string, ...index: number[]): FimError {
  return new FimError({
    code: 'random/index',
    kind: 'usage',
    where: `a draw of the stream '${stream}'`,
    rule: 'example, occurrence, draw and component are integers from 0 to 2^32 - 1',
    got: `(${index.join(', ')})`,
  });
}

/** One uniform by its full key. For many of one stream use `UniformStream`. */
export function uniformAt(key: DrawKey): number {
  return new UniformStream(key.seed, key.stream).at(key.example, key.occurrence, key.draw, key.component);
}

/** One standard normal by its full key. */
export function normalAt(key: DrawKey): number {
  return normalQuantile(uniformAt(key));
}

/** One Rademacher sign by its full key. */
export function signAt(key: DrawKey): 1 | -1 {
  return uniformAt(key) > 0.5 ? 1 : -1;
}
