import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { machineMemory, requireMemory } from './machine-memory.js';

describe('memory of the machine', () => {
  it('is some of what the machine has; more is refused with both numbers', () => {
    const there = machineMemory();
    expect(there).toBeGreaterThan(2 ** 26);
    expect(there).toBeLessThanOrEqual(totalmem());
    requireMemory(there, 'here', 'one example', 'a smaller one');
    expect(() => requireMemory(2 ** 60, 'here', 'one example', 'a smaller one')).toThrow(
      /here: one example must fit.*\n {2}got: {3}at least .* of .*\n {2}next: {2}a smaller one/,
    );
  });
});
