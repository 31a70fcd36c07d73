/** The allocators: live blocks never overlap, and what is given back is used again. */
import { describe, expect, it } from 'vitest';
import { hashString, Sequence } from '../../core/random.js';
import { Arena } from './arena.js';
import { Heap } from './heap.js';

/** Takes and gives back at random, checking that live blocks are disjoint. */
function churn(
  take: (bytes: number) => number,
  give: (ptr: number, bytes: number) => void,
  seed: string,
): void {
  const s = new Sequence(hashString(seed), 'heap');
  const live: { ptr: number; bytes: number }[] = [];
  for (let i = 0; i < 2000; i++) {
    if (live.length > 0 && s.next() < 0.48) {
      const [b] = live.splice(s.integer(live.length), 1);
      give(b.ptr, b.bytes);
    } else {
      const bytes = 1 + s.integer(s.next() < 0.1 ? 50_000 : 500);
      const ptr = take(bytes);
      const clash = live.find((b) => ptr < b.ptr + b.bytes && b.ptr < ptr + bytes);
      expect(clash).toBeUndefined();
      live.push({ ptr, bytes });
    }
  }
  for (const b of live) give(b.ptr, b.bytes);
}

const memory = () => new WebAssembly.Memory({ initial: 1, maximum: 65536 });

describe('heap', () => {
  it('hands out disjoint blocks on cache lines behind its base, growing as needed, and takes all of them back', () => {
    const heap = new Heap(memory(), 1000);
    churn(
      (bytes) => {
        const ptr = heap.allocate(bytes);
        expect(ptr % 64).toBe(0);
        expect(ptr).toBeGreaterThanOrEqual(1000);
        expect(ptr + bytes + 64).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
        return ptr;
      },
      (ptr) => heap.release(ptr),
      'heap',
    );
    const pages = heap.memory.buffer.byteLength;
    expect(heap.generation).toBeGreaterThan(1);
    heap.allocate(pages - 1024 - 64); // everything, in one piece again
    expect(heap.memory.buffer.byteLength).toBe(pages);
    expect(() => heap.release(12)).toThrow(/no such block/);
  });

  it('says what to do where the memory ends', () => {
    const heap = new Heap(new WebAssembly.Memory({ initial: 1, maximum: 2 }));
    expect(() => heap.allocate(1e6)).toThrow(/run smaller batches/);
    heap.allocate(50_000);
  });

  it('gives no block that runs past the end of its addresses', () => {
    const heap = new Heap(memory());
    expect(() => heap.allocate(2 ** 32 - 64)).toThrow(/its memory ends at 4 GiB/);
    expect(() => heap.allocate(2 ** 40)).toThrow(/its memory ends at 4 GiB/);
    expect(heap.memory.buffer.byteLength).toBe(65536);
  });
});

describe('arena', () => {
  it('hands out disjoint offsets and needs no more than the peak asks, but for holes', () => {
    const arena = new Arena();
    churn(
      (bytes) => arena.take(bytes),
      (from, bytes) => arena.give(from, bytes),
      'arena',
    );
    const { bytes } = arena;
    expect(arena.take(bytes)).toBe(0);
    expect(arena.bytes).toBe(bytes);
  });
});
