/**
 * @module engine/small/heap
 *
 * The one linear memory of a small engine, with a first-fit allocator over it. Pointers are bytes and stay valid for as long as
 * their block is allocated; typed arrays do not: growing a WebAssembly memory detaches every array over it. So steps read the
 * whole-memory arrays of `views` afresh at each run, and `generation` tells holders of narrower arrays when to derive them again.
 */
import { FimError, invariant } from '../../core/errors.js';
import { bytesOf, type DType, type TypedArray, type TypedArrayOf } from '../../core/tensor.js';

const PAGE = 65536;
const MAX_PAGES = 65536;
/** Blocks start on a cache line; kernels may write up to the next multiple of 16 bytes, and read one line past the end. */
const LINE = 64;

type Views = { [D in DType]: TypedArrayOf[D] };

interface Block {
  ptr: number;
  bytes: number;
}

export class Heap {
  /** Arrays over the whole memory, replaced (in this same object) when it grows. */
  readonly views: Views = {} as Views;
  /** Number of times the arrays were replaced. */
  generation = 0;
  private readonly free: Block[];
  private readonly used = new Map<number, number>();

  /** `base`: first byte that is not taken by the kernels' own data. */
  constructor(
    readonly memory: WebAssembly.Memory,
    base = 0,
  ) {
    const start = roundUp(Math.max(base, LINE), LINE);
    this.free = [{ ptr: start, bytes: Math.max(0, this.memory.buffer.byteLength - LINE - start) }];
    this.derive();
  }

  /** A block of at least `bytes` bytes, on a cache line. Its contents are whatever was there. */
  allocate(bytes: number): number {
    const size = Math.max(LINE, roundUp(bytes, LINE));
    let i = this.free.findIndex((b) => b.bytes >= size);
    if (i < 0) {
      this.grow(size);
      i = this.free.length - 1;
    }
    const block = this.free[i];
    const ptr = block.ptr;
    block.ptr += size;
    block.bytes -= size;
    if (block.bytes === 0 && this.free.length > 1) this.free.splice(i, 1);
    this.used.set(ptr, size);
    return ptr;
  }

  /** Gives a block back. */
  release(ptr: number): void {
    const bytes = this.used.get(ptr);
    invariant(bytes !== undefined, `heap.release(${ptr})`, 'no such block');
    this.used.delete(ptr);
    const next = this.free.findIndex((b) => b.ptr > ptr);
    const at = next < 0 ? this.free.length : next;
    this.free.splice(at, 0, { ptr, bytes });
    this.merge(at);
    if (at > 0) this.merge(at - 1);
  }

  /** An array over one value; it dies when the memory grows. */
  view(dtype: DType, ptr: number, length: number): TypedArray {
    const from = ptr / bytesOf(dtype);
    return this.views[dtype].subarray(from, from + length);
  }

  /** Zeroes a block. */
  clear(ptr: number, bytes: number): void {
    this.views.uint8.fill(0, ptr, ptr + bytes);
  }

  private merge(i: number): void {
    const a = this.free[i];
    const b = this.free[i + 1];
    if (b && a.ptr + a.bytes === b.ptr) {
      a.bytes += b.bytes;
      this.free.splice(i + 1, 1);
    }
  }

  private grow(bytes: number): void {
    const before = this.memory.buffer.byteLength;
    const last = this.free[this.free.length - 1];
    const tail = last && last.ptr + last.bytes === before - LINE ? last.bytes : 0;
    const pages = Math.ceil((bytes - tail) / PAGE);
    // A quarter more than what is there, so that many small programs cause few growths.
    const ahead = Math.max(pages, Math.ceil(before / PAGE / 4));
    const left = MAX_PAGES - before / PAGE;
    if (pages > left || (!this.tryGrow(Math.min(ahead, left)) && !this.tryGrow(pages))) {
      throw new FimError({
        code: 'engine/memory',
        kind: 'unsupported',
        where: 'small engine',
        rule: 'its memory ends at 4 GiB, or at what this machine has',
        got: `${mebibytes(before)} in use, ${mebibytes(bytes)} more asked for`,
        next: "run smaller batches (`batch`), or take the other engine (`engine: 'ort'`)",
      });
    }
    const after = this.memory.buffer.byteLength;
    if (tail > 0) last.bytes += after - before;
    else this.free.push({ ptr: before - LINE, bytes: after - before });
    this.derive();
  }

  private tryGrow(pages: number): boolean {
    if (pages * PAGE < 1) return false;
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  private derive(): void {
    const { buffer } = this.memory;
    this.views.float32 = new Float32Array(buffer);
    this.views.float64 = new Float64Array(buffer);
    this.views.int64 = new BigInt64Array(buffer);
    this.views.int32 = new Int32Array(buffer);
    this.views.uint8 = new Uint8Array(buffer);
    this.views.int8 = new Int8Array(buffer);
    this.views.bool = this.views.uint8;
    this.generation++;
  }
}

export function roundUp(x: number, to: number): number {
  return Math.ceil(x / to) * to;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1048576).toFixed(1)} MiB`;
}
