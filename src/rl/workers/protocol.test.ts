import { expect, it } from 'vitest';
import { tell, waitFor, WORDS } from './protocol.js';

it('waits for an answer, and no longer than the other side is there', () => {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  let looks = 0;
  expect(waitFor(words, 0, 0, () => ++looks === 2)).toBe(false);
  expect(looks).toBe(2);
  // An answer that came before the end counts.
  const answered = (): boolean => {
    tell(words, 0, 1);
    return true;
  };
  expect(waitFor(words, 0, 0, answered)).toBe(true);
  expect(waitFor(words, 0, 0)).toBe(true);
});
