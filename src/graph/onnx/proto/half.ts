/**
 * @module graph/onnx/proto/half
 *
 * Half precision to float32, exactly: every float16 (1 sign, 5 exponent, 10 fraction bits) and every bfloat16 (the upper half of a
 * float32) is a float32. Source: IEEE 754-2019, table 3.5. Cost: a few operations an element, once on reading.
 */

const SMALLEST = 2 ** -24;

/** The value of a float16 from its bits. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SMALLEST;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Float16 bits, one in each element, as float32. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, float16Value);
}

/** Bfloat16 bits, one in each element, as float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
}
