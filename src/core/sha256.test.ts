import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256 } from './sha256.js';

it('is SHA-256, for every length about the borders of a block and in parts', () => {
  for (let n = 0; n < 200; n++) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 255);
    const right = createHash('sha256').update(bytes).digest('hex');
    expect(sha256(bytes)).toBe(right);
    expect(sha256(bytes.subarray(0, n >> 1), bytes.subarray(n >> 1))).toBe(right);
  }
});
