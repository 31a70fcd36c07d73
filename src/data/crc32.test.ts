import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.js';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it('is the polynomial division, bit by bit, at every length and alignment', () => {
    const bytes = Uint8Array.from({ length: 67 }, (_, i) => (i * 151 + 7) & 255);
    for (let from = 0; from < 5; from++) {
      for (let to = from; to <= bytes.length; to++) {
        let c = 0xffffffff;
        for (const byte of bytes.subarray(from, to)) {
          c ^= byte;
          for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
        }
        expect(crc32(bytes.subarray(from, to))).toBe(~c >>> 0);
      }
    }
  });
});
