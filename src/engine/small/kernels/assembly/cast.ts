/**
 * @module kernels/assembly/cast
 *
 * y[i] = x[i] in another type, n contiguous elements. Floats become integers by truncation (NaN gives 0, values beyond
 * the range its ends), anything becomes a truth value by x ≠ 0.
 */

export function cast<A, B>(y: usize, x: usize, n: usize): void {
  for (; n > 0; n--) {
    store<B>(y, <B>load<A>(x));
    x += sizeof<A>();
    y += sizeof<B>();
  }
}

export function truth<A>(y: usize, x: usize, n: usize): void {
  for (; n > 0; n--) {
    store<u8>(y++, u8(load<A>(x) != 0));
    x += sizeof<A>();
  }
}

/** y = 1 where x is 0, else 0, n bytes. */
export function not(y: usize, x: usize, n: usize): void {
  for (; n >= 16; n -= 16) {
    v128.store(y, v128.and(i8x16.eq(v128.load(x), i32x4.splat(0)), i8x16.splat(1)));
    x += 16;
    y += 16;
  }
  for (; n > 0; n--) store<u8>(y++, u8(load<u8>(x++) == 0));
}
