/**
 * @module core/sha256
 *
 * SHA-256 of bytes, in plain arithmetic: runs where there is no crypto module, and at once, as Web Crypto does not.
 * Source: FIPS 180-4, section 6.2. Cost: 64 rounds for each 64 bytes.
 */

/** The first 32 bits of the fractional part of a root of each of the first `count` primes. */
function rootBits(count: number, root: (x: number) => number): Int32Array {
  const found: number[] = [];
  for (let p = 2; found.length < count; p++) {
    let prime = true;
    for (let d = 2; d * d <= p; d++) if (p % d === 0) prime = false;
    if (prime) found.push(((root(p) % 1) * 2 ** 32) | 0);
  }
  return Int32Array.from(found);
}

const ROUNDS = rootBits(64, Math.cbrt);
const START = rootBits(8, Math.sqrt);

const turned = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** The digest of the parts one after another, 64 hexadecimal digits. */
export const sha256 = (...parts: readonly Uint8Array[]): string => sha256Of(parts);

/** The same of parts that come one at a time; each is read before the next is asked for. */
export function sha256Of(parts: Iterable<Uint8Array>): string {
  const state = START.slice();
  const words = new Int32Array(64);
  const block = new Uint8Array(64);
  let filled = 0;
  let total = 0;
  const push = (byte: number): void => {
    block[filled++] = byte;
    if (filled < 64) return;
    mix(state, words, block);
    filled = 0;
  };
  for (const bytes of parts) {
    total += bytes.length;
    for (let i = 0; i < bytes.length; i++) push(bytes[i]);
  }
  push(0x80);
  while (filled !== 56) push(0);
  const high = Math.floor(total / 2 ** 29);
  const low = (total * 8) >>> 0;
  for (const word of [high, low]) for (const shift of [24, 16, 8, 0]) push((word >>> shift) & 255);
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** One block into the state (FIPS 180-4, 6.2.2). */
function mix(state: Int32Array, w: Int32Array, block: Uint8Array): void {
  for (let t = 0; t < 16; t++) {
    w[t] = (block[4 * t] << 24) | (block[4 * t + 1] << 16) | (block[4 * t + 2] << 8) | block[4 * t + 3];
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
    const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((v, i) => {
    state[i] = (state[i] + v) | 0;
  });
}
