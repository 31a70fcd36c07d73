/**
 * @module fisher/entry-weights
 *
 * Weights of the parameters' entries, with which an estimate states Σ_i w_i 𝓘_ii and wᵀ𝓘w: each a number of its own with its own error,
 * from its terms example by example. The errors of the entries do not add up to it: entries of one example are correlated.
 */
import { FimError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import type { Network } from '../model/network.js';
import type { WeighedGroup } from './forms/diagonal/groups.js';
import type { Estimator } from './estimate.js';

/** One weight for each entry. */
export interface EntryWeights {
  /** What the number is called. */
  readonly name: string;
  /** By parameter, row-major in its shape; entries of a parameter that is left out count 0. */
  readonly weights: ReadonlyMap<string, ArrayLike<number>>;
}

/** What may be asked for by weights of entries. */
interface Asked {
  readonly estimator: Estimator;
  readonly functionals?: readonly EntryWeights[] | undefined;
  readonly quadratics?: readonly EntryWeights[] | undefined;
}

/**
 * The totals that weights of entries ask for. Throws `fisher/entry-weights` for a parameter that there is not, for other than one finite
 * number an entry and for a name that comes twice; `fisher/quadratic` for wᵀ𝓘w by second derivatives.
 */
export function weighedGroups(
  network: Network,
  { estimator, functionals = [], quadratics = [] }: Asked,
): WeighedGroup[] {
  if (quadratics.length > 0 && (estimator === 'type2' || estimator === 'mix'))
    throw curvedQuadratic(estimator);
  return [
    ...groupsOf(network, functionals, 'functional', '`functionals`'),
    ...groupsOf(network, quadratics, 'quadratic', '`quadratics`'),
  ];
}

function groupsOf(
  network: Network,
  given: readonly EntryWeights[],
  kind: WeighedGroup['kind'],
  where: string,
): WeighedGroup[] {
  const names = new Set<string>();
  return given.map(({ name, weights }) => {
    if (names.has(name))
      throw wrong(`${where}: "${name}"`, 'every one has a name of its own', 'the name twice');
    names.add(name);
    for (const [parameter, w] of weights)
      checkOne(network, `${where}: "${name}", ${parameter}`, parameter, w);
    const nonNegative = kind === 'quadratic' || ![...weights.values()].some(hasNegative);
    return { kind, name, parameters: [...weights.keys()], nonNegative, weights };
  });
}

const hasNegative = (w: ArrayLike<number>): boolean => Array.prototype.some.call(w, (x: number) => x < 0);

function checkOne(network: Network, where: string, parameter: string, w: ArrayLike<number>): void {
  const value = network.parameters.get(parameter);
  if (!value) {
    const known = [...network.parameters.keys()].join(', ');
    throw wrong(
      where,
      'weights are of entries of the parameters',
      `no parameter of this name; there are ${known}`,
    );
  }
  const size = sizeOf(value.shape as readonly number[]);
  if (w.length !== size)
    throw wrong(where, `one weight for each of its ${size} entries`, `${w.length} numbers`);
  const odd = Array.prototype.findIndex.call(w, (x: number) => !Number.isFinite(x));
  if (odd >= 0) throw wrong(where, 'every weight is a finite number', `${w[odd]} at place ${odd}`);
}

function wrong(where: string, rule: string, got: string): FimError {
  return new FimError({
    code: 'fisher/entry-weights',
    where,
    rule,
    got,
    next: 'give one array for each parameter, in its shape; leave out those that count 0',
  });
}

function curvedQuadratic(estimator: string): FimError {
  return new FimError({
    code: 'fisher/quadratic',
    kind: 'usage',
    where: `wᵀ𝓘w with \`estimator: '${estimator}'\``,
    rule: 'is the mean of squares (s·w)² of scores along w, which second derivatives have none of',
    next: "`estimator: 'exact'`, 'rademacher', 'type1' or 'empirical'",
  });
}
