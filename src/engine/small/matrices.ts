/**
 * @module engine/small/matrices
 *
 * Float64 matrices in a kernel memory of their own, and the kernels' products on parts of them: for dense algebra on the host, which
 * is no graph. A matrix is addressed by the index of its first element in `data` and by its leading dimension `ld` (elements from row
 * to row), so a block of a matrix is a matrix, and no product copies anything.
 *
 * Cost: 2mnk operations at 12–18 GFLOP/s on one core (SIMD128, AMD EPYC), 1–1.5 for plain loops. Below some 32 × 32, plain loops.
 */
import { Heap } from './heap.js';
import { type FloatKernels, loadKernels } from './kernels/index.js';

/** A memory larger than this is given back after use; WebAssembly memories never shrink. */
const KEEP_BYTES = 64 * 1048576;

/** Part of A that `nt` takes at a time: 128 KiB. */
const STRIP_ROWS = 64;
const STRIP_TERMS = 256;

/** Memory of the matrix kernels: float64 rows that stay while they are used. */
export class Matrices {
  private readonly heap: Heap;
  private readonly kernels: FloatKernels;
  private readonly held: number[] = [];

  /**
   * Throws `kernels/unsupported`.
   * @throws FimError with `kernels/memory`, `kernels/unknown`
   */
  constructor() {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
    const kernels = loadKernels(memory);
    this.kernels = kernels.float64;
    this.heap = new Heap(memory, kernels.reservedBytes);
  }

  /** The whole memory [bytes/8]; read it afresh after each `reserve`, which may replace it. */
  get data(): Float64Array {
    return this.heap.views.float64;
  }

  /** Size of the whole memory. */
  get bytes(): number {
    return this.heap.memory.buffer.byteLength;
  }

  /** Room for `count` elements with whatever is there; returns the index of the first. Throws `engine/memory`. */
  reserve(count: number): number {
    const ptr = this.heap.allocate(count * 8);
    this.held.push(ptr);
    return ptr / 8;
  }

  /** Gives back everything reserved. */
  clear(): void {
    for (const ptr of this.held) this.heap.release(ptr);
    this.held.length = 0;
  }

  /** C [m, n] = A [m, k] B [k, n], plus C itself where `add`. C overlaps neither operand (here and below). */
  nn(
    c: number,
    ldc: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    m: number,
    n: number,
    k: number,
    add: boolean,
  ): void {
    this.kernels.gemmNN(c * 8, a * 8, b * 8, m, n, k, ldc, lda, ldb, 0, add ? 1 : 0);
  }

  /** C [m, n] = A [m, k] Bᵀ, B [n, k]. In strips of A, which the kernel reads once for every few rows of B, that stay in the cache. */
  nt(
    c: number,
    ldc: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    m: number,
    n: number,
    k: number,
    add: boolean,
  ): void {
    const { gemmNT } = this.kernels;
    for (let i = 0; i < m; i += STRIP_ROWS) {
      const rows = Math.min(STRIP_ROWS, m - i);
      const [ci, ai] = [(c + i * ldc) * 8, (a + i * lda) * 8];
      if (k === 0) gemmNT(ci, ai, b * 8, rows, n, 0, ldc, lda, ldb, 0, add ? 1 : 0);
      for (let l = 0; l < k; l += STRIP_TERMS) {
        const terms = Math.min(STRIP_TERMS, k - l);
        gemmNT(ci, ai + l * 8, (b + l) * 8, rows, n, terms, ldc, lda, ldb, 0, add || l > 0 ? 1 : 0);
      }
    }
  }

  /** C [m, n] = Aᵀ B, A [k, m], B [k, n]. */
  tn(
    c: number,
    ldc: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    m: number,
    n: number,
    k: number,
    add: boolean,
  ): void {
    this.kernels.gemmTN(c * 8, a * 8, b * 8, m, n, k, ldc, lda, ldb, 0, add ? 1 : 0);
  }

  /** Y [m, n] = −X. */
  negate(y: number, ldy: number, x: number, ldx: number, m: number, n: number): void {
    for (let i = 0; i < m; i++) this.kernels.map.neg((y + i * ldy) * 8, (x + i * ldx) * 8, n);
  }
}

let idle: Matrices | undefined;

/**
 * Runs `use` on a memory that calls share one after the other; what it reserved is given back at the end.
 * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function withMatrices<R>(use: (memory: Matrices) => R): R {
  const memory = idle ?? new Matrices();
  idle = undefined;
  try {
    return use(memory);
  } finally {
    memory.clear();
    if (memory.bytes <= KEEP_BYTES) idle = memory;
  }
}
