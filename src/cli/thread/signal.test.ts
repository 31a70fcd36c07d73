import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newShared, PLACE } from './desk.js';
import { sharedSignal } from './signal.js';

describe('a signal of another thread', () => {
  it('is seen in the middle of work, and its listeners hear of it once', () => {
    const shared = newShared();
    const signal = sharedSignal(shared);
    let heard = 0;
    signal.addEventListener('abort', () => heard++);
    expect([signal.aborted, Atomics.load(shared, PLACE.heard)]).toEqual([false, 0]);
    signal.throwIfAborted();
    Atomics.store(shared, PLACE.stop, 1);
    expect([signal.aborted, signal.aborted, heard, Atomics.load(shared, PLACE.heard)]).toEqual([
      true,
      true,
      1,
      1,
    ]);
    expect(() => signal.throwIfAborted()).toThrow('aborted');
  });

  it('is one of several, and ends a timer', async () => {
    const shared = newShared();
    const signal = sharedSignal(shared);
    const either = AbortSignal.any([signal, new AbortController().signal]);
    const waits = sleep(1e5, undefined, { signal });
    Atomics.store(shared, PLACE.stop, 1);
    expect(signal.aborted).toBe(true);
    expect(either.aborted).toBe(true);
    await expect(waits).rejects.toThrow('aborted');
  });
});
