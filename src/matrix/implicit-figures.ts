/**
 * @module matrix/implicit-figures
 *
 * Figures of a Fisher that is products alone: the largest eigenvalues from one Lanczos process, norm, log-determinant, effective dimension
 * and density by Lanczos quadrature from random signs, tr f(F) ≈ (P/m) Σ_p Σ_j ω_pj f(θ_pj) (S. Ubaru, J. Chen, Y. Saad, SIMAX 38, 2017). The
 * trace, and those of the layers, are an exact diagonal's where one is given, else probed too. Errors by the jackknife over groups of
 * examples in the same Krylov spaces, and by the spread of the probes, whose variance is added.
 */
import {
  jackknife,
  jackknifeSets,
  type NonlinearFigure,
  studentQuantile,
  tellsErrors,
  untold,
} from '../stats/index.js';
import { densityFigures, densityGrid, resolutionOf, type Shares, sharesByQuadrature } from './density.js';
import type { FigureRequest, LayerFigures, MatrixFigures } from './figures.js';
import { type ImplicitFisher, type LeadingValues, SETTLED } from './implicit.js';
import type { Krylov, Quadrature } from './krylov.js';

/** What is asked, and what it may cost. */
export interface ImplicitRequest extends Omit<FigureRequest, 'layers'> {
  /** Traces of an exact diagonal of the same examples: the whole, and by layer. */
  readonly traces?: ExactTraces | undefined;
  /** Groups of examples. Default 20. */
  readonly groups?: number;
  /** Random probes. Default 8, at least 2. */
  readonly probes?: number;
  /** Products from each. Default 20. */
  readonly steps?: number;
  /** Numbers that the tangents of a process may hold. Default 2^27. */
  readonly keep?: number;
  /** Of starts and probes. Default 0. */
  readonly seed?: number;
  /** Those of `probeSpaces`, which do not depend on λ; default: made anew. */
  readonly spaces?: readonly Krylov[] | undefined;
}

const KEPT = 2 ** 27;

/** Traces with their errors. */
export interface ExactTraces {
  /** tr F. */
  readonly whole: NonlinearFigure;
  /** By layer. */
  readonly layers: readonly {
    /** Of the layer. */
    readonly name: string;
    /** Of its part of the diagonal. */
    readonly trace: NonlinearFigure;
  }[];
}

const NAMES = ['trace', 'frobenius', 'logdet', 'effectiveDimension'] as const;
type Name = (typeof NAMES)[number];

/** f of tr f(F); the norm is the root of its. */
const FUNCTIONS: Readonly<Record<Name, (x: number, lambda: number) => number>> = {
  trace: (x) => x,
  frobenius: (x) => x * x,
  logdet: (x, lambda) => Math.log1p(Math.max(0, x) / lambda),
  effectiveDimension: (x, lambda) => Math.max(0, x) / (Math.max(0, x) + lambda),
};

/**
 * A Krylov space from each probe, which functions of the eigenvalues are read off for any λ.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
 * `linalg/lanczos`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/index`, `random/seed`, `random/sequence`
 */
export async function probeSpaces(
  fisher: ImplicitFisher,
  request: Pick<ImplicitRequest, 'left' | 'probes' | 'steps' | 'keep' | 'groups' | 'seed'>,
): Promise<Krylov[]> {
  const { left, probes = 8, steps = 20, keep = KEPT, groups = 20, seed = 0 } = request;
  const shared = { groups: left > 0 ? groups : 0, keep, steps };
  const spaces: Krylov[] = [];
  for (let p = 0; p < probes; p++)
    spaces.push(await fisher.krylov({ ...shared, start: fisher.probe(seed, p) }));
  return spaces;
}

/**
 * The figures of a Fisher by products alone.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
 * `linalg/lanczos`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`
 */
export async function implicitFigures(
  fisher: ImplicitFisher,
  request: ImplicitRequest,
): Promise<MatrixFigures> {
  const { top, groups = 20, seed = 0 } = request;
  const k = Math.min(top, fisher.size);
  const leading = k > 0 ? await fisher.leading(k, request.left > 0 ? groups : 0, seed) : null;
  const spaces = request.spaces ?? (await probeSpaces(fisher, request));
  const named = Object.fromEntries(
    NAMES.map((name) => [name, probed(name, spaces, fisher.size, request)]),
  ) as Record<Name, NonlinearFigure>;
  const { traces } = request;
  return {
    ...named,
    ...(traces ? { trace: traces.whole } : {}),
    top: leading ? largest(leading, request) : [],
    layers: traces?.layers.map(layerOf) ?? [],
    density: request.density ? density(spaces, request) : null,
    interrupted: false,
  };
}

const layerOf = ({ name, trace }: ExactTraces['layers'][number]): LayerFigures => {
  const none = untold(NaN, 'products with the matrix tell it of the whole alone');
  return { name, trace, frobenius: none, logdet: none, effectiveDimension: none, top: [] };
};

/** Density by all probes, of all examples and of the sets. */
function density(
  spaces: readonly Krylov[],
  { damping, left, level }: ImplicitRequest,
): MatrixFigures['density'] {
  const wholes = spaces.map(({ whole }) => whole);
  const largestValue = Math.max(...wholes.map(({ values }) => values[values.length - 1]));
  const grid = densityGrid(largestValue, damping, resolutionOf(wholes));
  const projected = spaces.flatMap((space) => space.projected ?? []);
  const counts = projected.length === spaces.length ? projected[0].counts : new Float64Array(0);
  const sets = setsOf(counts, left);
  const of = (groups: readonly number[]): Shares =>
    sharesByQuadrature(
      projected.map((p) => p.quadratureOf(groups)),
      grid,
    );
  return densityFigures(
    grid,
    sharesByQuadrature(wholes, grid),
    { without: sets.without.map(of), halves: sets.halves.map(of), draws: null },
    { counts, left, level },
  );
}

/** The largest eigenvalues, and those of the groups in the space of all; with their residuals where these are not small. */
function largest({ values, residuals, projected }: LeadingValues, request: FigureRequest): NonlinearFigure[] {
  const k = values.length;
  const counts = projected?.counts ?? new Float64Array(0);
  const sets = setsOf(counts, request.left);
  const of = (groups: readonly number[]): number[] =>
    projected ? [...projected.quadratureOf(groups).values].reverse().slice(0, k) : [];
  const [without, halves] = [sets.without.map(of), sets.halves.map(of)];
  return [...values].map((whole, j) => {
    const figure = jackknife(
      { whole, without: without.map((v) => v[j]), halves: halves.map((v) => v[j]) },
      {
        counts,
        left: request.left,
        level: request.level,
        feasible: [0, Infinity],
        bends: false,
        crosses: j > 0,
      },
    );
    const residual = residuals[j] / whole;
    return residual <= SETTLED ? figure : { ...figure, residual };
  });
}

/** One figure by all probes, of all examples and of the sets. */
function probed(
  name: Name,
  spaces: readonly Krylov[],
  P: number,
  { damping, left, level }: FigureRequest,
): NonlinearFigure {
  const f = (x: number): number => FUNCTIONS[name](x, damping);
  const one = ({ values, weights }: Quadrature): number =>
    P * values.reduce((sum, x, j) => sum + weights[j] * f(x), 0);
  const shift = name === 'logdet' ? P * Math.log(damping) : 0;
  const figure = (mean: number): number =>
    name === 'frobenius' ? Math.sqrt(Math.max(0, mean)) : mean + shift;
  const meanOf = (numbers: readonly number[]): number =>
    numbers.reduce((sum, v) => sum + v, 0) / numbers.length;
  const each = spaces.map(({ whole: nodes }) => one(nodes));
  const known = spaces.every(({ projected }) => projected !== null);
  const counts = known ? (spaces[0].projected?.counts ?? new Float64Array(0)) : new Float64Array(0);
  const sets = setsOf(counts, left);
  const of = (groups: readonly number[]): number =>
    figure(meanOf(spaces.map(({ projected }) => (projected ? one(projected.quadratureOf(groups)) : NaN))));
  const mean = meanOf(each);
  const whole = figure(mean);
  const feasible =
    name === 'logdet'
      ? ([-Infinity, Infinity] as const)
      : ([0, name === 'effectiveDimension' ? P : Infinity] as const);
  const found = jackknife(
    { whole, without: sets.without.map(of), halves: sets.halves.map(of) },
    {
      ...{ counts, left, level },
      feasible,
      bends: name === 'logdet' || name === 'effectiveDimension',
    },
  );
  const m = each.length;
  const spread = Math.sqrt(each.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (m - 1) / m);
  return widened(found, name === 'frobenius' ? spread / (2 * whole) : spread, m - 1, level, feasible);
}

/** With the variance of the probes; degrees of freedom are those of the fewest. */
function widened(
  figure: NonlinearFigure,
  probeError: number,
  freedom: number,
  level: number,
  [low, high]: readonly [number, number],
): NonlinearFigure {
  const { value, standardError } = figure;
  if (standardError === null) return { ...figure, probeError };
  const all = Math.hypot(standardError, probeError);
  const half = studentQuantile((1 + level) / 2, freedom) * all;
  return {
    ...figure,
    probeError,
    standardError: all,
    interval: [Math.max(low, value - half), Math.min(high, value + half)],
  };
}

const setsOf = (counts: ArrayLike<number>, left: number): ReturnType<typeof jackknifeSets> =>
  left > 0 && tellsErrors(counts) ? jackknifeSets(counts) : { without: [], halves: [] };
