/**
 * @module matrix/block-krylov
 *
 * The largest eigenpairs of a Fisher by a Krylov space that grows by a block of vectors a step (G. Golub, R. Underwood, 1977), which share the
 * sweeps over the examples, with a thick restart where the space would take more memory than it may (K. Wu, H. Simon, SIMAX 22, 2000). The
 * pairs are those of H = VᵀFV, V orthonormal; a step adds the residuals Fy − θy of pairs that are not settled, which span what block Lanczos
 * steps would. Every residual that is told was measured in its last space, ‖Fy − θy‖, none is a bound or a recurrence. A block also finds
 * eigenvalues that are multiple.
 */
import { Sequence } from '../core/random.js';
import { symmetricEigen } from '../linalg/index.js';
import { type Carried, type Carrier, inner, scale } from './carrier.js';

/** What is asked, and what it may cost. */
export interface LeadingRequest {
  /** k, the largest pairs. */
  readonly count: number;
  /** Residual of each at which it is settled, relative to its value. */
  readonly tolerance: number;
  /** Vectors that share a step, at most. */
  readonly block: number;
  /** Numbers that the space may hold; never fewer than k + 2 blocks take. */
  readonly held: number;
  /** Of the random start. */
  readonly seed: number;
  /** Whether sweeps for another step are left. */
  more(): boolean;
}

/** The leading pairs of a Krylov space. */
export interface LeadingSpace {
  /** V, orthonormal [m]. */
  readonly basis: readonly Carried[];
  /** θ, falling [k], or fewer where the Fisher has not so many. */
  readonly values: Float64Array;
  /** Coefficients in the basis of the vectors of all its pairs, in the order of falling values [m][m]. */
  readonly coefficients: readonly Float64Array[];
  /** ‖Fy − θy‖ of each [k]. */
  readonly residuals: Float64Array;
}

/** Part of a vector that may be rounding: where less is left of one beside the others, it is not added. */
const ROUNDING = { float32: 1e-3, float64: 1e-8 };
/** Part of the largest eigenvalue below which residuals are rounding. */
const NOTHING = { float32: 2 ** -21, float64: 2 ** -48 };

/**
 * The k largest pairs.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
 */
export async function leadingSpace(carrier: Carrier, request: LeadingRequest): Promise<LeadingSpace> {
  const space = new BlockSpace(carrier, request);
  let block = await space.start();
  while (await space.add(block)) {
    const open = await space.unsettled();
    if (open === null) break;
    if (!request.more()) {
      await space.measure();
      break;
    }
    block = open;
  }
  return space.leading();
}

/** Coordinates, and the vectors [P] of them, of length 1. */
interface Block {
  readonly coordinates: readonly Float64Array[];
  readonly vectors: readonly Float64Array[];
}

interface Ritz {
  readonly values: Float64Array;
  readonly coefficients: readonly Float64Array[];
}

class BlockSpace {
  private basis: Carried[] = [];
  /** Rows of H, all of them. */
  private H: number[][] = [];
  private ritz: Ritz = { values: new Float64Array(0), coefficients: [] };
  /** By rank: in this space, and where that is not known, in one before. */
  private measured = new Map<number, number>();
  private readonly before = new Map<number, number>();
  private readonly kind: 'float32' | 'float64';

  constructor(
    private readonly carrier: Carrier,
    private readonly request: LeadingRequest,
  ) {
    this.kind = carrier.rounded ? 'float32' : 'float64';
  }

  /** A random block. */
  async start(): Promise<Block> {
    const { carrier, request } = this;
    const random = new Sequence(request.seed, 'matrix/leading');
    const coordinates = Array.from({ length: Math.min(request.block, carrier.size) }, () =>
      Float64Array.from({ length: carrier.size }, () => random.normal()),
    );
    return this.blockOf(coordinates, await carrier.vectors(coordinates)).block;
  }

  /** Adds a block to the space. Returns whether anything of it is new. */
  async add({ coordinates, vectors }: Block): Promise<boolean> {
    const { carrier, request } = this;
    const most = Math.max(request.held / carrier.held, request.count + 2 * request.block);
    if (this.basis.length + coordinates.length > most) this.restart();
    const before = this.basis.length;
    for (const x of await carrier.carried(coordinates, vectors)) this.append(x);
    if (this.basis.length === before) {
      await this.measure();
      return false;
    }
    this.ritz = ritzOf(this.H, Math.max(request.count, request.block));
    this.measured = new Map();
    return true;
  }

  /** The residuals of pairs that are not settled, as many as share a step; null: all are. */
  async unsettled(): Promise<Block | null> {
    const { request, ritz, measured, before } = this;
    const found = Math.min(request.count, ritz.values.length);
    const guards = range(ritz.values.length).slice(found);
    const nothing = NOTHING[this.kind] * Math.max(0, ritz.values[0]);
    const limit = (j: number): number => Math.max(nothing, request.tolerance * ritz.values[j]);
    const closed = (j: number): number => (found < request.count ? nothing : limit(j));
    for (;;) {
      const left = range(found).filter((j) => !measured.has(j));
      if (left.length === 0) return null;
      const doubtful = left.filter((j) => !((before.get(j) ?? Infinity) <= limit(j)));
      const sure = left.filter((j) => !doubtful.includes(j));
      const taken = [...doubtful, ...sure, ...guards].slice(0, request.block);
      const { block, lengths } = await this.residuals(taken);
      const open = (i: number): boolean => lengths[i] > closed(taken[i]);
      if (taken.some((j, i) => j < found && open(i)))
        return {
          coordinates: block.coordinates.filter((_, i) => open(i)),
          vectors: block.vectors.filter((_, i) => open(i)),
        };
    }
  }

  /** Measures all residuals that are not known. */
  async measure(): Promise<void> {
    const found = Math.min(this.request.count, this.ritz.values.length);
    const left = range(found).filter((j) => !this.measured.has(j));
    for (let at = 0; at < left.length; at += this.request.block)
      await this.residuals(left.slice(at, at + this.request.block));
  }

  /** What was found. */
  leading(): LeadingSpace {
    const { basis, ritz, measured, request } = this;
    const values = ritz.values.slice(0, request.count);
    return {
      ...{ basis, values, coefficients: ritzOf(this.H, basis.length).coefficients },
      residuals: Float64Array.from(values, (_, j) => measured.get(j) ?? NaN),
    };
  }

  private async residuals(pairs: readonly number[]): Promise<{ block: Block; lengths: number[] }> {
    const { basis, ritz } = this;
    const coordinates = pairs.map((j) => {
      const out = new Float64Array(this.carrier.size);
      basis.forEach(({ u, s }, i) => {
        const [a, b] = [ritz.coefficients[j][i], ritz.coefficients[j][i] * ritz.values[j]];
        for (let x = 0; x < out.length; x++) out[x] += a * s[x] - b * u[x];
      });
      return out;
    });
    const { block, lengths } = this.blockOf(coordinates, await this.carrier.vectors(coordinates));
    pairs.forEach((j, i) => {
      this.measured.set(j, lengths[i]);
      this.before.set(j, lengths[i]);
    });
    return { block, lengths };
  }

  /** Coordinates and vectors scaled to vectors of length 1. */
  private blockOf(
    coordinates: readonly Float64Array[],
    vectors: readonly Float64Array[],
  ): { block: Block; lengths: number[] } {
    const lengths = vectors.map((v) => Math.sqrt(inner(v, v)));
    coordinates.forEach((u, i) => {
      const factor = lengths[i] > 0 ? 1 / lengths[i] : 0;
      scale(u, factor);
      if (vectors[i] !== u) scale(vectors[i], factor);
    });
    return { block: { coordinates, vectors }, lengths };
  }

  /** Makes a vector of length 1 orthogonal to the basis, twice, and adds it where something is left. */
  private append(x: Carried): void {
    const { basis, H } = this;
    for (let pass = 0; pass < 2; pass++) for (const e of basis) subtract(x, e, inner(e.u, x.t));
    const length = Math.sqrt(Math.max(0, inner(x.u, x.t)));
    if (!(length > ROUNDING[this.kind])) return;
    for (const part of new Set([x.u, x.t, x.s])) scale(part, 1 / length);
    const row = basis.map(({ t }) => inner(t, x.s));
    basis.push(x);
    row.forEach((h, i) => H[i].push(h));
    H.push([...row, inner(x.t, x.s)]);
  }

  /** Keeps the leading pairs and a block more of the space. */
  private restart(): void {
    const { request, basis } = this;
    const { values, coefficients } = ritzOf(this.H, request.count + request.block);
    this.H = range(values.length).map((i) => range(values.length).map((j) => (i === j ? values[i] : 0)));
    const turned = (of: (e: Carried) => Float64Array, S: Float64Array): Float64Array => {
      const out = new Float64Array(this.carrier.size);
      basis.forEach((e, i) => {
        const part = of(e);
        for (let x = 0; x < out.length; x++) out[x] += S[i] * part[x];
      });
      return out;
    };
    this.basis = coefficients.map((S): Carried => {
      const u = turned((e) => e.u, S);
      const plain = basis[0].u === basis[0].t;
      return { u, t: plain ? u : turned((e) => e.t, S), s: turned((e) => e.s, S) };
    });
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The largest pairs of H. */
function ritzOf(H: readonly (readonly number[])[], count: number): Ritz {
  const m = H.length;
  const { values, vectors } = symmetricEigen(Float64Array.from(H.flat()), m);
  const places = range(Math.min(count, m)).map((j) => m - 1 - j);
  return {
    values: Float64Array.from(places, (j) => values[j]),
    coefficients: places.map((j) => Float64Array.from({ length: m }, (_, i) => vectors[i * m + j])),
  };
}

function subtract(x: Carried, e: Carried, factor: number): void {
  const { u, t, s } = x;
  for (let i = 0; i < u.length; i++) {
    u[i] -= factor * e.u[i];
    s[i] -= factor * e.s[i];
  }
  if (t !== u) for (let i = 0; i < t.length; i++) t[i] -= factor * e.t[i];
}
