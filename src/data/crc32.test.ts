import { describe, expect, it } from 'vitest';
import { crc32, crc32c } from './crc32.js';

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

describe('crc32c', () => {
  // RFC 3720, appendix B.4; the values there are in the order of their bytes.
  it.each<[string, number[], number]>([
    ['32 bytes of zeroes', Array<number>(32).fill(0), 0x8a9136aa],
    ['32 bytes of ones', Array<number>(32).fill(0xff), 0x62a8ab43],
    ['32 bytes incrementing', Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 bytes decrementing', Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    [
      'an iSCSI read command',
      [
        ...[0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0],
        ...[0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0],
      ],
      0xd9963a56,
    ],
  ])('%s', (_, bytes, crc) => {
    expect(crc32c(Uint8Array.from(bytes))).toBe(crc);
  });
});
