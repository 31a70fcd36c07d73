/**
 * @module matrix/visited-groups
 *
 * Groups of weighted visits for a jackknife. Of n drawn visits j with u_j = 1/(Nπ_j), and of inputs that are taken once (data/weighted-visits),
 * a matrix of some groups S is, of the sums D_S = Σ u f over drawn visits and T_S = Σ f over taken inputs,
 *
 *   data           T/N + D_S/n_S                        groups of visits; what is taken is in every replicate
 *   distribution   T_S/N_S + (Π_S N/(N_S n_S)) D_S      groups of inputs, all of the design made anew: Π_S = Σ_{x∈S} π_x
 *
 * The second holds that the N inputs are a sample: groups of visits alone would miss what these inputs have in common.
 */

/** Groups of weighted visits. */
export interface VisitedGroups {
  /** Which of the two. */
  readonly population: 'data' | 'distribution';
  /** N. */
  readonly inputs: number;
  /** Drawn visits of each group [B]. */
  readonly drawn: Float64Array;
  /** Inputs that each group is of [B]; of `data` not read. */
  readonly inputsOf: Float64Array;
  /** Σπ over the inputs of each group that may be drawn [B]; of `data` not read. */
  readonly share: Float64Array;
}

/** What sums over some groups are multiplied by. */
export interface VisitedFactors {
  /** Of D_S; 0 where nothing was drawn. */
  readonly drawn: number;
  /** Of T_S, or of T where `all`. */
  readonly taken: number;
  /** Whether what is taken is that of all groups. */
  readonly all: boolean;
}

/** The factors of some groups. */
export function visitedFactors(of: VisitedGroups, groups: readonly number[]): VisitedFactors {
  const sum = (each: Float64Array): number => groups.reduce((s, g) => s + each[g], 0);
  const n = sum(of.drawn);
  if (of.population === 'data') return { drawn: n > 0 ? 1 / n : 0, taken: 1 / of.inputs, all: true };
  const own = sum(of.inputsOf);
  return { drawn: n > 0 ? (sum(of.share) * of.inputs) / (own * n) : 0, taken: 1 / own, all: false };
}

/** What a jackknife counts in each group: drawn visits, or inputs [B]. */
export const countsOf = ({ population, drawn, inputsOf }: VisitedGroups): Float64Array =>
  population === 'data' ? drawn : inputsOf;
