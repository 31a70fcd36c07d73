/**
 * @module jobs/bounds-by-name
 *
 * Every certified bound of a variance profile by its name, over the diagonal entries i of some parameters:
 *
 *   mean_i √(E bound_i)
 *
 * beside the deviations of one label that it bounds, mean_i √(E 𝒱_i): `matrix` (P24 Theorem 4.1 with λ_max of the matricised M in place of
 * the Z-eigenvalue), `softmax` (P24 Theorem 5.2), `range` (R⁴/16 and R²/4), `spread` (𝔽(S² − 𝔽)); theory (8.2), (8.3), (8.8) to (8.11).
 */
import type { Profile, TensorProfile } from '../fisher/closed-forms/profile.js';
import { TYPE_ONE_BOUNDS, TYPE_TWO_BOUNDS } from '../fisher/index.js';

/** A bound of the mean deviation of either type; null where it bounds nothing of that type. */
export interface NamedBound {
  readonly type1: number | null;
  readonly type2: number | null;
  /** Why a number is null. */
  readonly missing: string | null;
}

/** Bounds that exist for the family, by name. */
export function boundsByName(profile: Profile, parameters: readonly string[]): Map<string, NamedBound> {
  const tensors = profile.tensors.filter((t) => parameters.includes(t.name));
  const names = [...new Set<string>([...TYPE_ONE_BOUNDS, ...TYPE_TWO_BOUNDS])];
  const found = new Map<string, NamedBound>();
  for (const name of names) {
    const type1 = meanRoot(tensors, (t) => t.bounds1.get(name));
    const type2 = meanRoot(tensors, (t) => t.bounds2.get(name));
    if (type1 === null && type2 === null) continue;
    const missing = [
      ...(type1 === null ? [absent(name, TYPE_ONE_BOUNDS, 1)] : []),
      ...(type2 === null ? [absent(name, TYPE_TWO_BOUNDS, 2)] : []),
    ].join('; ');
    found.set(name, { type1, type2, missing: missing === '' ? null : missing });
  }
  return found;
}

function absent(name: string, known: readonly string[], type: 1 | 2): string {
  return known.includes(name) ? `not finite for type ${type} here` : `bounds no variance of type ${type}`;
}

function meanRoot(
  tensors: readonly TensorProfile[],
  boundOf: (t: TensorProfile) => Float64Array | undefined,
): number | null {
  let sum = 0;
  let count = 0;
  for (const t of tensors) {
    const bound = boundOf(t);
    if (!bound) return null;
    for (const b of bound) sum += Math.sqrt(Math.max(0, b));
    count += bound.length;
  }
  return count > 0 ? sum / count : null;
}
