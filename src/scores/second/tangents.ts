/**
 * @module scores/second/tangents
 *
 * First-order tangents along every element of a pivot z [N, m], kept in the smallest form that holds them (theory (10.3); v an element
 * p of a later value, j one of z):
 *
 *   diagonal   ∂v_p/∂z_j = δ_jp d_p                     after elementwise maps                 d [N, m]
 *   scaled     ∂v_p/∂z_j = left_j M_jp right_p          after one weight and elementwise maps  M [m, p], no example axis
 *   full       ∂v/∂z_j, j in a chunk                     [N, L, …]: anything later, formed in chunks of L
 *
 * Only the third costs a product per example; none depends on the number of outputs.
 */
import { tensor } from '../../core/tensor.js';
import { isBatched } from '../../graph/derive.js';
import { constant, Layout, type Node, ops as b, sameDims, type Value } from '../../graph/index.js';
import { operatorOf } from '../../graph/registry.js';
import { isElementwise } from './curvature.js';

export interface Diagonal {
  readonly form: 'diagonal';
  readonly d: Value;
}

export interface Scaled {
  readonly form: 'scaled';
  /** [N, m] */
  readonly left: Value;
  /** [m, p] */
  readonly matrix: Value;
  /** [N, p]; null: ones. */
  readonly right: Value | null;
}

export type Structured = Diagonal | Scaled;

const PLAIN = new Layout([]);

const ones = (like: Value): Value => b.expandLike(b.scalar(1, like.dtype), like);

/** The factor at the value's own elements. */
const factorOf = (t: Structured, of: Value): Value => (t.form === 'diagonal' ? t.d : (t.right ?? ones(of)));

/** Whether two tangents differ by their factors only. */
function alike(s: Structured, t: Structured): boolean {
  if (s.form === 'diagonal' || t.form === 'diagonal') return s.form === t.form;
  return s.left === t.left && s.matrix === t.matrix;
}

/**
 * The factors of an elementwise node's inputs (null: does not move) where all that move have the same structure and the output's
 * shape; null where they have not.
 */
export function commonFactors(
  node: Node,
  tangents: readonly (Structured | null)[],
): { like: Structured; factors: (Value | null)[] } | null {
  if (!isElementwise(node)) return null;
  const moving = tangents.filter((t) => t !== null);
  const fits = node.inputs.every((v, i) => !tangents[i] || sameDims(v.shape, node.output.shape));
  if (!fits || !moving.every((t) => alike(t, moving[0]))) return null;
  return { like: moving[0], factors: tangents.map((t, i) => t && factorOf(t, node.inputs[i])) };
}

/** The structured tangent of a node's output; null where it takes the full form. */
export function propagate(node: Node, tangents: readonly (Structured | null)[]): Structured | null {
  const common = commonFactors(node, tangents);
  if (common) {
    const d = operatorOf(node.op).derivative?.jvp(PLAIN, node, common.factors);
    if (!d) return null;
    return common.like.form === 'diagonal'
      ? { form: 'diagonal', d }
      : { form: 'scaled', left: common.like.left, matrix: common.like.matrix, right: d };
  }
  const [first, second] = tangents;
  const [, weight] = node.inputs;
  if (node.op === 'MatMul' && first?.form === 'diagonal' && !second) {
    if (isBatched(weight) || weight.shape.length !== 2) return null;
    return { form: 'scaled', left: first.d, matrix: weight, right: null };
  }
  return null;
}

/** Directions from…to of a structured tangent, in full: [N, L, p]. */
export function expandChunk(t: Structured, from: number, to: number): Value {
  if (t.form === 'diagonal') {
    const m = t.d.shape[1] as number;
    return b.mul(b.unsqueeze(t.d, [1]), identityRows(m, from, to, t.d.dtype));
  }
  const left = b.unsqueeze(b.slice(t.left, 1, from, to), [2]);
  const rows = b.slice(t.matrix, 0, from, to);
  const half = b.mul(left, rows);
  return t.right ? b.mul(half, b.unsqueeze(t.right, [1])) : half;
}

/** Rows from…to of the identity, [L, m]. */
function identityRows(m: number, from: number, to: number, dtype: Value['dtype']): Value {
  const data = new Float64Array((to - from) * m);
  for (let j = from; j < to; j++) data[(j - from) * m + j] = 1;
  return constant(tensor(dtype, [to - from, m], data));
}
