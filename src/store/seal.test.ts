/** What was sealed comes back, or why it does not. */
import { expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { sealed, sealedBytes, unsealed, unsealedBytes } from './seal.js';

const BYTES = Uint8Array.from({ length: 300 }, (_, i) => (i * 41) % 256);

it('bytes come back from behind their seal, empty ones too', () => {
  for (const bytes of [BYTES, new Uint8Array(0)])
    expect(unsealedBytes('x/1', sealedBytes('x/1', bytes))).toEqual(bytes);
});

it('bytes with bits changed anywhere, cut off, of another schema or without a seal are refused', () => {
  const whole = sealedBytes('x/1', BYTES);
  const draws = new Sequence(6, 'flips');
  for (let k = 0; k < 500; k++) {
    const changed = whole.slice();
    changed[draws.integer(whole.length)] ^= 1 << draws.integer(8);
    expect(unsealedBytes('x/1', changed)).toMatch(/another seal than/);
    expect(unsealedBytes('x/1', whole.subarray(0, draws.integer(whole.length)))).toMatch(/another seal than/);
  }
  expect(unsealedBytes('x/2', whole)).toMatch(/another seal than/);
  expect(unsealedBytes('x/1', BYTES)).toMatch(/another seal than/);
});

it('a record is refused with another number, schema or version; its clock is free', () => {
  const stored = { ...sealed('y/1', { trace: 1.5, seconds: 2 }) };
  expect(unsealed('y/1', stored)).toEqual({ trace: 1.5, seconds: 2 });
  expect(unsealed('y/1', { ...stored, seconds: 3 })).toEqual({ trace: 1.5, seconds: 3 });
  for (const other of [{ trace: 1.6 }, { schema: 'y/2' }, { fim: '0.0.1' }, { sha256: 'a' }, { more: 1 }])
    expect(unsealed('y/1', { ...stored, ...other })).toEqual(expect.any(String));
});
