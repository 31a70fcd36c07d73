/** @module rl/algorithms/prefix — states of parts in one record, each under its own prefix. */

export type ArrayState = Record<string, Float64Array>;

export function prefixed(prefix: string, state: ArrayState): ArrayState {
  return Object.fromEntries(Object.entries(state).map(([k, v]) => [`${prefix}${k}`, v]));
}

/** What stands under a prefix, without it. */
export function under(prefix: string, state: Readonly<ArrayState>): ArrayState {
  const own = Object.entries(state).filter(([k]) => k.startsWith(prefix));
  return Object.fromEntries(own.map(([k, v]) => [k.slice(prefix.length), v]));
}
