/**
 * @module core/random-philox
 *
 * Philox4x32-10: a keyed bijection of 128-bit counters whose outputs are as good as random, so a draw is a function
 * of its key and never of what was drawn before. J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011, section 3.4. Ten rounds of two 32 × 32 → 64-bit products:
 *
 *   (c0, c1, c2, c3) ← (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0)),  k ← k + Weyl.
 *
 * Cost: about 55 ns for 128 bits. Not a cipher: do not use it for secrets.
 */

const M0 = 0xd2511f53 | 0;
const M1 = 0xcd9e8d57 | 0;
const WEYL_0 = 0x9e3779b9 | 0;
const WEYL_1 = 0xbb67ae85 | 0;

/** Writes the four 32-bit output words of counter (c0..c3) under key (k0, k1) into `out`. Words are taken modulo 2^32. */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  let a = c0 | 0;
  let b = c1 | 0;
  let c = c2 | 0;
  let d = c3 | 0;
  let p = k0 | 0;
  let q = k1 | 0;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(M0, a);
    const low1 = Math.imul(M1, c);
    // High words from 16-bit halves: x·M = xh·Mh·2^32 + (xh·Ml + xl·Mh)·2^16 + xl·Ml, the middle sums carried by hand.
    let xl = a & 0xffff;
    let xh = a >>> 16;
    let u = Math.imul(xh, 0x1f53);
    let v = Math.imul(xl, 0xd251);
    let carry = (Math.imul(xl, 0x1f53) >>> 16) + (u & 0xffff) + (v & 0xffff);
    const high0 = (Math.imul(xh, 0xd251) + (u >>> 16) + (v >>> 16) + (carry >>> 16)) | 0;
    xl = c & 0xffff;
    xh = c >>> 16;
    u = Math.imul(xh, 0x8d57);
    v = Math.imul(xl, 0xcd9e);
    carry = (Math.imul(xl, 0x8d57) >>> 16) + (u & 0xffff) + (v & 0xffff);
    const high1 = (Math.imul(xh, 0xcd9e) + (u >>> 16) + (v >>> 16) + (carry >>> 16)) | 0;
    a = high1 ^ b ^ p;
    b = low1;
    c = high0 ^ d ^ q;
    d = low0;
    p = (p + WEYL_0) | 0;
    q = (q + WEYL_1) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/**
 * Two random words as a number strictly inside (0, 1): the odd multiples of 2^-53, (k + ½)/2^52 with k the top 52 bits.
 * (k + ½)/2^53 with 53 bits would round to 1 at its upper end; here every value is exact and the law is symmetric.
 */
export function uniformFromWords(high: number, low: number): number {
  return (high * 1048576 + (low >>> 12) + 0.5) * 2.220446049250313e-16;
}

/** Two random words as an integer in [0, 2^53). */
export function integerFromWords(high: number, low: number): number {
  return high * 2097152 + (low >>> 11);
}
