/**
 * @module core/random-hash
 *
 * Names become numbers: a string is absorbed eight bytes at a time by Philox as a compression function
 * (state ← Philox(state, block) ^ state, Davies–Meyer), so that streams named differently are independent.
 */
import { FimError } from './errors.js';
import { philox } from './random-philox.js';

const block = new Uint32Array(4);

/** Two 32-bit words that depend on every UTF-16 unit of `text` and on its length. */
export function hashWords(text: string): [number, number] {
  let h0 = 0x66696d31;
  let h1 = text.length;
  for (let i = 0; i === 0 || i < text.length; i += 4) {
    const low = (text.charCodeAt(i) & 0xffff) | ((text.charCodeAt(i + 1) & 0xffff) << 16);
    const high = (text.charCodeAt(i + 2) & 0xffff) | ((text.charCodeAt(i + 3) & 0xffff) << 16);
    philox(block, h0, h1, low, high, 0x68617368, 0x73747231);
    h0 = (block[0] ^ block[2] ^ h0) >>> 0;
    h1 = (block[1] ^ block[3] ^ h1) >>> 0;
  }
  return [h0, h1];
}

/** A safe non-negative integer that depends on every character of `text`; a seed may be made of a test's name. */
export function hashString(text: string): number {
  const [h0, h1] = hashWords(text);
  return h0 * 2097152 + (h1 >>> 11);
}

/**
 * The Philox key of a generator: 64 bits from its seed, its stream's name and its kind, so that two generators agree
 * only if all three do. Throws `random/seed` unless `seed` is a safe integer.
 */
export function streamKey(seed: number, stream: string, kind: number): [number, number] {
  if (!Number.isSafeInteger(seed)) {
    throw new FimError({
      code: 'random/seed',
      kind: 'usage',
      where: `seed of the stream '${stream}'`,
      rule: 'a seed is an integer between -(2^53 - 1) and 2^53 - 1',
      got: String(seed),
      next: '`seed: 0`',
    });
  }
  const [h0, h1] = hashWords(stream);
  const low = seed % 4294967296;
  philox(block, low, (seed - low) / 4294967296, h0, h1, kind, 0x6b657931);
  return [block[0], block[1]];
}
