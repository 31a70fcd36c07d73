/**
 * @module model/sites
 *
 * A site is where a parameter meets data. The graph splits into values that depend on the examples and values that do not; a
 * parameter crosses from the second kind to the first at its uses. One used once, by a matrix product whose rows are examples
 * (z = aW, the weight read as it is or through Transpose, Identity or Cast), has per-example scores in factored form g ⊗ a. One that
 * matrix products use at many positions of an example (convolutions, tokens, steps in time) has scores Σ_r g_r ⊗ a_r: `shared`.
 * A table whose rows the data's ids pick, fewer than it has, has one score for every row that an example picks: `embedding`.
 * Shifts and scales (of one example, of channels or tokens) have the sum of the cotangent over the positions, which is small. Every other
 * use (tied, masked) has explicit per-example scores, exact: always the square of the sum over uses,
 * never the sum of squares.
 */
import { sizeOf } from '../core/tensor.js';
import { batchAxis, concrete, isBatch, sameDims } from '../graph/dims.js';
import { nodesOf } from '../graph/derive.js';
import { meetingsOf, passesDerivative, type Readers, readersOf, type Use } from '../graph/readers.js';
import type { Node, Value } from '../graph/value.js';
import { type WeightView, weightView } from './weight-views.js';

export type { Use } from '../graph/readers.js';

/** Operators that a weight may pass through and still be read entry by entry; Reshape where it only puts axes of length 1 among its own. */
const TRANSPARENT = new Set(['Transpose', 'Cast', 'Reshape']);

/** A parameter with the form in which it meets data: a product, a shift, a scale, or none of these. */
export interface Site {
  /** The parameter. */
  readonly parameter: Value;
  /**
   * `dense`: xW, one row an example; `shared`: XW or WX at many positions; `embedding`: rows by ids; `shift`: + θ; `scale`: ⊙ θ;
   * `fallback`: anything else, with per-example gradients in full.
   */
  readonly form: 'dense' | 'shared' | 'embedding' | 'shift' | 'scale' | 'fallback';
  /** For `dense` and `shared`: the weight is stored [out, in], of a grouped one [groups, out, in]. */
  readonly transposed: boolean;
  /** For `shared`: its sizes. */
  readonly matrix?: SharedMatrix;
  /** Where it meets data. */
  readonly uses: readonly Use[];
  /** Why it has no structured form; empty where it has one. */
  readonly reason: string;
}

/** Sizes of a weight that many positions share. */
export interface SharedMatrix {
  /** Matrices beside one another, each with its own inputs and outputs. */
  readonly groups: number;
  /** Inputs of each. */
  readonly inputs: number;
  /** Outputs of each. */
  readonly outputs: number;
}

/** The site of each parameter that reaches `outputs`. */
export function sitesOf(outputs: readonly Value[], parameters: readonly Value[]): Site[] {
  const nodes = nodesOf(outputs);
  const readers = readersOf(nodes);
  const meetings = meetingsOf(nodes, readers);
  return parameters.map((parameter) => siteOf(parameter, meetings.get(parameter) ?? [], readers));
}

function siteOf(parameter: Value, own: readonly Use[], readers: Readers): Site {
  const chain = transparentChain(parameter, readers);
  const fallback = (reason: string): Site => ({
    parameter,
    form: 'fallback',
    transposed: false,
    uses: own,
    reason,
  });
  if (own.length === 0) return fallback('does not reach the output');
  const shared = sharedSite(parameter, own);
  if (shared) return shared;
  if (own.every((use) => isLookUp(use, parameter))) {
    const [rows] = parameter.shape as readonly number[];
    if (rows > MOST_ROWS) return fallback(`has more than ${MOST_ROWS} rows`);
    if (positionsOf(own) >= rows) return fallback('looked up at no fewer positions than it has rows');
    return { parameter, form: 'embedding', transposed: false, uses: own, reason: '' };
  }
  if (typeof chain === 'string') return fallback(chain);
  if (own.length > 1) return fallback(`used ${own.length} times`);
  const [{ node }] = own;
  if (node.op === 'MatMul') {
    if (isDense(own[0]))
      return { parameter, form: 'dense', transposed: chain.transposed, uses: own, reason: '' };
    return fallback('a matrix product in which its entries are not those of one matrix');
  }
  if (chain.transposed) return fallback(`transposed before ${node.op}`);
  if (node.op === 'Add' || node.op === 'Sub') return elementwise(parameter, own, 'shift');
  if (node.op === 'Mul' && node.inputs[0] !== node.inputs[1]) return elementwise(parameter, own, 'scale');
  return fallback(`meets data in ${node.op}`);
}

/** Rows of a table whose ids are told apart as numbers of float32. */
const MOST_ROWS = 2 ** 24;

/** Whether the data's ids pick rows of the parameter as it is, a matrix. */
const isLookUp = ({ node: { op, attrs }, inputIndex, operand }: Use, parameter: Value): boolean =>
  op === 'Gather' &&
  attrs.form === 'lookup' &&
  attrs.axis === 0 &&
  inputIndex === 0 &&
  operand === parameter &&
  parameter.shape.length === 2;

/** Rows that look-ups pick for one example, one that is picked twice counted twice. */
const positionsOf = (uses: readonly Use[]): number =>
  uses.reduce((sum, { node }) => sum + sizeOf(concrete(node.inputs[1].shape, 1)), 0);

/** One row for each example; rows of m·N are m positions of each, as Keras flattens them. */
function isDense({ node, inputIndex, operand }: Use): boolean {
  const [rows] = node.output.shape;
  const one = isBatch(rows) && rows.batch === 1;
  return inputIndex === 1 && operand.shape.length === 2 && node.output.shape.length === 2 && one;
}

/** The site of a weight that all its uses multiply in the same orientation at many positions; null: it is none. */
function sharedSite(parameter: Value, uses: readonly Use[]): Site | null {
  if (uses.length === 1 && isDense(uses[0])) return null;
  let found: { matrix: SharedMatrix; transposed: boolean } | null = null;
  for (const use of uses) {
    if (use.node.op !== 'MatMul' || !readsApart(use)) return null;
    const view = weightView(use.operand, parameter);
    if (!view) return null;
    const one = orientedView(view, use);
    const same =
      !found ||
      (one.transposed === found.transposed &&
        one.matrix.groups === found.matrix.groups &&
        one.matrix.inputs === found.matrix.inputs &&
        one.matrix.outputs === found.matrix.outputs);
    if (!same) return null;
    found = one;
  }
  return found && { parameter, form: 'shared', uses, reason: '', ...found };
}

/** As [in, out]: the operand behind the product is read so, that before it as [out, in]. */
function orientedView(
  { groups, rows, columns, swapped }: WeightView,
  { inputIndex }: Use,
): { matrix: SharedMatrix; transposed: boolean } {
  const first = inputIndex === 0;
  const [inputs, outputs] = first ? [columns, rows] : [rows, columns];
  return { matrix: { groups, inputs, outputs }, transposed: first !== swapped };
}

/** Whether each axis of the stack is either the weight's, in both operands, or positions, and the examples run along what is no weight's. */
function readsApart({ node, inputIndex, operand }: Use): boolean {
  const x = node.inputs[1 - inputIndex];
  const stack = node.output.shape.length - 2;
  const dim = (v: Value, axis: number) => v.shape[v.shape.length - 2 - stack + axis] ?? 1;
  for (let axis = 0; axis < stack; axis++)
    if (dim(operand, axis) !== 1 && !(dim(x, axis) === dim(operand, axis))) return false;
  const at = batchAxis(node.output.shape);
  return at < stack ? dim(operand, at) === 1 : inputIndex === 1 && at === stack;
}

function elementwise(parameter: Value, uses: readonly Use[], form: 'shift' | 'scale'): Site {
  return { parameter, form, transposed: false, uses, reason: '' };
}

/** A Reshape that does more than put axes of length 1 among those that there are, as a bias has them behind its channels. */
function movesAxes({ op, inputs, output }: Node): boolean {
  const long = (v: Value) => v.shape.filter((d) => d !== 1);
  return op === 'Reshape' && !sameDims(long(inputs[0]), long(output));
}

/** Follows a parameter through Transpose, Cast and axes of length 1 to its use; a string says why it cannot be followed. */
function transparentChain(parameter: Value, readers: Readers): { transposed: boolean } | string {
  let at = parameter;
  let transposed = false;
  for (;;) {
    const users = (readers.get(at) ?? []).filter(({ node }) => passesDerivative(node));
    if (users.length > 1) return `used ${users.length} times`;
    const user = users.at(0)?.node;
    if (!user || batchAxis(user.output.shape) >= 0) return { transposed };
    if (!TRANSPARENT.has(user.op) || movesAxes(user)) return `transformed by ${user.op} before it meets data`;
    if (user.op === 'Transpose') {
      if (at.shape.length !== 2) return 'transposed in more than two dimensions';
      transposed = !transposed;
    }
    at = user.output;
  }
}
