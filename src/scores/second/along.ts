/**
 * @module scores/second/along
 *
 * Second derivatives of h along single directions, exactly, as a graph, on any network:
 *
 *   D[k, j] = Σ_a Δ_ka ∂²h_a/∂z_j² = Σ_{nodes y = φ(x)} ⟨∂(Δ_kᵀh)/∂y, φ″(x)[∂x/∂z_j, ∂x/∂z_j]⟩
 *
 * Proof: differentiate h along z_j twice; the second-order tangent that a node makes (scores/second/curvature) reaches h through
 * everything after it, which is what its cotangent says. One reverse pass with K cotangents serves all pivots; the tangents do not
 * depend on K. In a chain of dense layers this is theory (10.3), D_l = Σ_m C_m (P_ml ∘ P_ml): the term m = l free, m = l + 1 one
 * product with squared weights, later ones per-example products P_ml. Cost there: 2 Σ n_m n_{m−1} n_l + 2K Σ n_m n_l for an example.
 * Nothing is computed along paths without a curved node, so a ReLU network costs nothing.
 *
 * Where a parameter has no pivot, directions are entries of the parameter itself, a chunk at a time: a forward pass for every chunk
 * of entries. Exact, and slow in proportion to their number.
 */
import type { Cotangents } from '../../graph/derive.js';
import { dependents, Layout, type Node, ops as b, type Value } from '../../graph/index.js';
import { operatorOf } from '../../graph/registry.js';
import { reachesPole, slopeProduct } from '../../graph/slope.js';
import type { NeuronMoves } from '../score.js';
import { elementwiseTerms, isCurved, isElementwise, secondForm } from './curvature.js';
import { inner } from './flatten.js';
import { commonFactors, expandChunk, propagate, type Structured } from './tangents.js';

/** What a reverse pass over the graph of h left: its nodes in order, and the cotangents [N, K, …] of their outputs. */
export interface Reversed {
  readonly nodes: readonly Node[];
  readonly cotangents: Cotangents;
  readonly columns: number;
}

/** The part of the graph that second derivatives along a source need. */
export interface Reach {
  /** Values that move with the source. */
  readonly moving: ReadonlySet<Value>;
  readonly curved: ReadonlySet<Node>;
  /** Values whose tangents a curved node reads, at once or later. */
  readonly needed: ReadonlySet<Value>;
}

function reachOf(source: Value, { nodes, cotangents }: Reversed): Reach {
  const moving = dependents(nodes, [source]);
  const reached = (n: Node) => n.output !== source && moving.has(n.output) && cotangents.has(n.output);
  const curved = new Set(nodes.filter((n) => reached(n) && isCurved(n, moving)));
  const needed = new Set<Value>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (node.output === source) continue;
    if (!curved.has(node) && !needed.has(node.output)) continue;
    for (const v of node.inputs) if (moving.has(v)) needed.add(v);
  }
  return { moving, curved, needed };
}

/** Second derivatives along a pivot, as far as structured tangents take them. */
export interface PivotParts {
  /** What nodes with structured tangents add [N, K, m]; null: zero. */
  readonly sum: Value | null;
  /** Curved nodes whose tangents take the full form. */
  readonly late: readonly Node[];
  /** Structured tangents, from which the full ones start. */
  readonly known: ReadonlyMap<Value, Structured>;
  readonly reach: Reach;
}

export function pivotParts(z: Value, reversed: Reversed): PivotParts {
  const reach = reachOf(z, reversed);
  const known = new Map<Value, Structured>([
    [z, { form: 'diagonal', d: b.expandLike(b.scalar(1, z.dtype), z) }],
  ]);
  const late: Node[] = [];
  let sum: Value | null = null;
  for (const node of reversed.nodes) {
    const curved = reach.curved.has(node);
    const carried = node.output !== z && reach.needed.has(node.output);
    if (!curved && !carried) continue;
    const inputs = node.inputs.map((v) => (reach.moving.has(v) ? (known.get(v) ?? 'full') : null));
    if (inputs.includes('full')) {
      if (curved) late.push(node);
      continue;
    }
    const structured = inputs as (Structured | null)[];
    if (curved) {
      const term = structuredTerm(node, structured, reach, reversed);
      if (term === 'full') late.push(node);
      else if (term) sum = sum ? b.add(sum, term) : term;
    }
    const t = carried ? propagate(node, structured) : null;
    if (t) known.set(node.output, t);
  }
  return { sum, late, known, reach };
}

/** D [N, K, m] along every element of a pivot z [N, m], `chunk` directions at a time; null: zero. */
export function alongPivot(z: Value, reversed: Reversed, chunk: number): Value | null {
  const { sum, late, known, reach } = pivotParts(z, reversed);
  if (late.length === 0) return sum;
  const m = z.shape[1] as number;
  const parts: Value[] = [];
  for (let from = 0; from < m; from += chunk) {
    const to = Math.min(m, from + chunk);
    const start = new Map<Value, () => Value>();
    for (const [v, t] of known) start.set(v, () => expandChunk(t, from, to));
    parts.push(fullTerms(late, start, to - from, reach, reversed) as Value);
  }
  const rest = b.concat(parts, 2);
  return sum ? b.add(sum, rest) : rest;
}

/** D [N, K, L] along L directions of a parameter, given as its tangent [L, shape…]; null: zero. */
export function alongEntries(parameter: Value, tangent: Value, reversed: Reversed): Value | null {
  const reach = reachOf(parameter, reversed);
  const start = new Map([[parameter, () => tangent]]);
  return fullTerms([...reach.curved], start, tangent.shape[0] as number, reach, reversed);
}

/** D [N, K, m] along the neurons of a score that belong to entries of each example's own, from their moves; null: zero. */
export function alongMoves(
  parameter: Value,
  moves: readonly NeuronMoves[],
  reversed: Reversed,
): Value | null {
  const reach = reachOf(parameter, reversed);
  const parts = moves.map(({ count, tangents }) => {
    const start = new Map([...tangents].map(([z, t]) => [z, () => t] as const));
    return fullTerms([...reach.curved], start, count, reach, reversed);
  });
  return parts.includes(null) ? null : b.concat(parts as Value[], 2);
}

/** What a curved node adds, from structured tangents: [N, K, m]; null: zero. */
function structuredTerm(
  node: Node,
  tangents: readonly (Structured | null)[],
  { moving }: Reach,
  { cotangents, columns }: Reversed,
): Value | null | 'full' {
  const common = commonFactors(node, tangents);
  if (!common) return 'full';
  const ct = cotangents.get(node.output) as Value;
  let sum: Value | null = null;
  for (const { coefficient, factor, i, j } of elementwiseTerms(node, moving)) {
    let weight = slopeProduct(b, common.factors[i] as Value, common.factors[j] as Value);
    if (coefficient) weight = slopeProduct(b, weight, coefficient);
    if (factor !== 1) weight = b.scale(weight, factor);
    sum = sum ? b.add(sum, weight) : weight;
  }
  if (!sum) return null;
  const weighted = slopeProduct(b, ct, new Layout([columns], true).align(sum, node.output.shape));
  const { like } = common;
  if (like.form === 'diagonal') return weighted;
  const product = b.matmul(weighted, b.swapLast(b.square(like.matrix)));
  return b.mul(product, b.unsqueeze(b.square(like.left), [1]));
}

/** What curved nodes add along L directions whose tangents at some values are given: [N, K, L]. */
function fullTerms(
  late: readonly Node[],
  start: ReadonlyMap<Value, () => Value>,
  L: number,
  reach: Reach,
  reversed: Reversed,
): Value | null {
  const ctx = new Layout([L]);
  const known = new Map<Value, Value | null>();
  const tangentOf = (v: Value): Value | null => {
    if (!reach.moving.has(v)) return null;
    const before = known.get(v);
    if (before !== undefined) return before;
    const given = start.get(v);
    const t = given ? given() : v.node ? forward(v.node) : null;
    known.set(v, t);
    return t;
  };
  const forward = (node: Node): Value | null => {
    const ts = node.inputs.map(tangentOf);
    return ts.every((t) => t === null) ? null : (operatorOf(node.op).derivative?.jvp(ctx, node, ts) ?? null);
  };
  let sum: Value | null = null;
  for (const node of [...late].sort((p, q) => p.output.id - q.output.id)) {
    const tangents = node.inputs.map(tangentOf);
    const ct = reversed.cotangents.get(node.output) as Value;
    for (const term of fullNodeTerms(node, tangents, ct, ctx, reach, reversed.columns)) {
      sum = sum ? b.add(sum, term) : term;
    }
  }
  return sum;
}

function fullNodeTerms(
  node: Node,
  tangents: readonly (Value | null)[],
  ct: Value,
  ctx: Layout,
  { moving }: Reach,
  columns: number,
): Value[] {
  const { inputs, output } = node;
  if (!isElementwise(node)) return [inner(ct, secondForm(ctx, node, tangents), output.shape)];
  return elementwiseTerms(node, moving).flatMap(({ coefficient, factor, i, j }) => {
    const [p, q] = [tangents[i], tangents[j]];
    if (!p || !q) return [];
    const at = (t: Value, k: number) => ctx.place(t, inputs[k].shape, output.shape);
    let square = ctx.broadcastTo(slopeProduct(b, at(p, i), at(q, j)), output);
    let weighted = ct;
    // A pole meets the tangents first: they are 0 where a rectifier stands before it.
    if (coefficient && reachesPole(coefficient))
      square = slopeProduct(b, square, ctx.align(coefficient, output.shape));
    else if (coefficient)
      weighted = slopeProduct(b, ct, new Layout([columns], true).align(coefficient, output.shape));
    const term = inner(weighted, square, output.shape);
    return [factor === 1 ? term : b.scale(term, factor)];
  });
}
