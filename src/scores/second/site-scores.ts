/**
 * @module scores/second/site-scores
 *
 * Per-example first and second derivatives of every parameter along K cotangents, in one form (scores/reverse):
 *
 *   first    s_k,i = Σ_a Δ_ka ∂h_a/∂θ_i         dense: g [N, K, out] with a [N, in]        s = g ⊗ a
 *   second   D_k,i = Σ_a Δ_ka ∂²h_a/∂θ_i²       dense: the same with a² (theory (10.3))      D = D_l ⊗ a²
 *
 * so that whatever is done with scores can be done with second derivatives. Nothing of size N × in × out exists. Parameters without
 * a pivot are left to passes over their entries (`entries`).
 */
import { ops as b, type Value } from '../../graph/index.js';
import type { Score } from '../score.js';
import { reverseScores } from '../reverse.js';
import { pivotOf } from './pivots.js';
import { alongEntries, alongMoves, alongPivot, type Reversed } from './along.js';
import { curvedNodes } from './exactness.js';

export interface SiteScores {
  readonly parameter: Value;
  readonly first: Score;
  /** Null: zero. */
  readonly second: Score | null;
}

/** First and second derivatives of the parameters that have a pivot (or no curvature at all). */
export function siteScores(
  h: Value,
  parameters: readonly Value[],
  ct: Value,
  chunk: number,
): { structured: SiteScores[]; entries: Value[] } {
  const { scores, ...rest } = reverseScores(h, parameters, ct);
  const reversed: Reversed = { ...rest, columns: ct.shape[1] as number };
  const byPivot = new Map<Value, Value | null>();
  const structured: SiteScores[] = [];
  const entries: Value[] = [];
  for (const first of scores) {
    const { site } = first;
    const { parameter } = site;
    const pivot = pivotOf(site, reversed.nodes);
    if (!pivot) {
      const moves = first.moves(chunk);
      if (curvedNodes(h, [parameter]).length === 0) structured.push({ parameter, first, second: null });
      else if (moves) {
        const D = alongMoves(parameter, moves, reversed);
        structured.push({ parameter, first, second: D && first.second(D, null) });
      } else entries.push(parameter);
      continue;
    }
    if (!byPivot.has(pivot.z)) byPivot.set(pivot.z, alongPivot(pivot.z, reversed, chunk));
    const D = byPivot.get(pivot.z) as Value | null;
    structured.push({ parameter, first, second: D && first.second(D, pivot.x) });
  }
  return { structured, entries };
}

/** First and second derivatives [N, K, L] of one parameter along the entries that `seeds` [L, S] selects (one-hot rows). */
export function entryScores(
  h: Value,
  parameter: Value,
  ct: Value,
  seeds: Value,
): { first: Value; second: Value | null } {
  const { scores, ...rest } = reverseScores(h, [parameter], ct);
  const reversed: Reversed = { ...rest, columns: ct.shape[1] as number };
  const [score] = scores;
  const s = score.explicit();
  const [L, S] = seeds.shape;
  const flat = b.reshape(s, [s.shape[0], s.shape[1], S]);
  const first = b.matmul(flat, b.swapLast(seeds));
  return { first, second: alongEntries(parameter, b.reshape(seeds, [L, ...parameter.shape]), reversed) };
}
