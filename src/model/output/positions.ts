/**
 * @module model/output/positions
 *
 * Lays an output out as [N, T], T = S·C where it has C numbers at each of S positions (tokens, pixels, boxes):
 *
 *   [N, C], [N, C, 1, 1], [N, 1, C]   one choice, or the numbers of one example
 *   [N, S, C], [S, N, C], [N·S, C]    S tokens, the classes last
 *   [N, C, H, W]                      S = H·W pixels, the classes next to the examples
 *
 * A final Softmax says which axis holds the classes; `classAxis` where neither does. Under categorical positions come after one another,
 * [N, S·C] with a position's classes side by side; other families keep the file's order. A position that a mask leaves out gets a constant
 * in place of its output, one of almost no information: it has no derivative, so that no estimator sees it.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { isFloat, tensor } from '../../core/tensor.js';
import * as b from '../../graph/build.js';
import { batchAxis, type BatchDim, type Dim, isBatch, N, showShape } from '../../graph/dims.js';
import { constant, type Value } from '../../graph/value.js';
import type { FamilyName } from '../../likelihood/registry.js';

/** Positions of an output. */
export interface Positions {
  /** Their lengths: [S], [H, W]. */
  readonly shape: readonly number[];
  /** S, the product of them. */
  readonly count: number;
  /** Whether an output holds all positions of one number, then those of the next, as [N, C, H, W] does; else a position's numbers together. */
  readonly channelsFirst: boolean;
  /** Whether the file has the classes, or the numbers of a position, before the positions; one-hot targets then have them there too. */
  readonly classesFirst: boolean;
}

/** What is said of an output. */
export interface LayoutRequest {
  /** Its name in the file. */
  readonly name: string;
  /** The family. */
  readonly likelihood: FamilyName;
  /** Axis of the classes of the file's output, as was said or as a Softmax says; null: by the rule. */
  readonly classAxis: number | null;
  /** Makes the mask [N, S] for so many positions; null: every position counts. */
  readonly mask: ((positions: Positions) => Value) | null;
}

/** An output as [N, T]. */
export interface LaidOut {
  readonly h: Value;
  /** null: one. */
  readonly positions: Positions | null;
  /** What was done, one sentence each. */
  readonly notes: readonly string[];
}

/** Logits of a position that is left out: a choice that is as good as certain. */
const CERTAIN = 50;

/** Throws `onnx/output-shape`, `model/mask`. */
export function layOut(given: Value, request: LayoutRequest): LaidOut {
  const { name, likelihood, mask } = request;
  const { shape } = given;
  const fail = (rule: string, next: string): FimError =>
    new FimError({
      code: 'onnx/output-shape',
      where: `output "${name}"`,
      rule,
      got: `${given.dtype}${showShape(shape)}`,
      next,
    });
  if (!isFloat(given.dtype)) throw fail('must be floating point', 'name another value with `output: NAME`');
  if (batchAxis(shape) < 0) {
    throw fail(
      'must depend on the examples',
      'check that the exported output is the one computed from the input',
    );
  }
  if (batchAxis(shape) > 0 && batchAxis(shape) === shape.length - 1)
    throw fail('must have the examples along its first axis', 'transpose the output before exporting');
  const { h, axisOf } = examplesFirst(given);
  const rest = h.shape.slice(1) as number[];
  const notes: string[] = [];
  const asked = request.classAxis === null ? null : axisOf(request.classAxis);
  if (request.classAxis !== null && (asked === null || asked < 1 || asked >= h.shape.length)) {
    throw fail(`axis ${request.classAxis} cannot hold the classes`, setting('classAxis', shape.length - 1));
  }
  const several = rest.filter((d) => d !== 1).length > 1;
  const size = rest.reduce((p, d) => p * d, 1);
  if (likelihood === 'categorical' && rest.length === 0) {
    throw fail(
      'a categorical output is [N, classes]: one choice for each example, or [N, S, classes] for several',
      "one number for each example is a Bernoulli logit: `likelihood: 'bernoulli'`",
    );
  }
  const classes = asked ?? (rest.length <= 2 ? rest.length : 1);
  const at = (_: number, i: number): boolean => i + 1 !== classes;
  // One number an example and output is a position of its own where a mask says so.
  const flat = rest.length <= 1 && likelihood !== 'categorical';
  const lengths = flat ? rest : rest.filter(at);
  const count = lengths.reduce((p, d) => p * d, 1);
  const classesFirst = !flat && classes === 1;
  const channelsFirst = classesFirst && likelihood !== 'categorical';
  const positions =
    (several || (flat && mask)) && count > 1 ? { shape: lengths, count, channelsFirst, classesFirst } : null;
  if (mask && !positions)
    throw noPositions(name, `${showShape(shape)}: one choice, or the numbers of one example`);
  const masked = mask && positions ? leaveOut(h, mask(positions), likelihood, flat ? -1 : classes, name) : h;
  if (likelihood !== 'categorical') {
    if (shape.length > 1 && (h.shape.length !== 2 || h !== given))
      notes.push(`output ${showShape(shape)} is read row by row as [N, ${size}]`);
    return { h: b.reshape(masked, [N, size]), positions, notes };
  }
  if (!positions) {
    if (h.shape.length !== 2 || h !== given)
      notes.push(`output ${showShape(shape)} is one choice for each example: read as [N, ${size}]`);
    return { h: b.reshape(masked, [N, size]), positions, notes };
  }
  const order = [0, ...rest.map((_, i) => i + 1).filter((i) => i !== classes), classes];
  notes.push(
    `output ${showShape(shape)} is a choice among ${rest[classes - 1]} classes at each of ${lengths.join(' × ')} positions`,
  );
  return { h: b.reshape(b.permute(masked, order), [N, size]), positions, notes };
}

/** The output with the examples alone along the first axis, and where its axes went; null for that of the examples. */
function examplesFirst(h: Value): { h: Value; axisOf: (axis: number) => number | null } {
  const rank = h.shape.length;
  const at = batchAxis(h.shape);
  const { batch } = h.shape[at] as BatchDim;
  const order = [at, ...h.shape.map((_, i) => i).filter((i) => i !== at)];
  const first = b.permute(h, order);
  const apart = batch === 1 ? first : b.reshape(first, [N, batch, ...first.shape.slice(1)]);
  return {
    h: apart,
    axisOf: (axis) => {
      const own = axis < 0 ? axis + rank : axis;
      const moved = order.indexOf(own);
      return moved <= 0 ? null : moved + (batch === 1 ? 0 : 1);
    },
  };
}

/** The positions whose mask [N, S] is 0 as constants of almost no information. */
function leaveOut(h: Value, mask: Value, likelihood: FamilyName, classes: number, name: string): Value {
  const dims = h.shape.map((d, i): Dim => (i === classes ? 1 : d));
  const cond = b.greater(b.reshape(b.cast(mask, h.dtype), dims), b.scalar(0, h.dtype));
  if (likelihood === 'gaussian') return b.where(cond, h, b.scalar(0, h.dtype));
  if (likelihood === 'bernoulli' || likelihood === 'binomial' || likelihood === 'poisson')
    return b.where(cond, h, b.scalar(-CERTAIN, h.dtype));
  if (likelihood !== 'categorical') {
    throw new FimError({
      code: 'model/mask',
      kind: 'unsupported',
      where: `output "${name}"`,
      rule: 'positions are left out under categorical, bernoulli, binomial, poisson and gaussian',
      got: setting('likelihood', likelihood),
      next: 'leave the mask out',
    });
  }
  const C = h.shape[classes] as number;
  const shape = h.shape.map((d, i) => (i === classes && !isBatch(d) ? C : 1));
  const logits = Array.from({ length: C }, (_, c) => (c === 0 ? CERTAIN : 0));
  return b.where(cond, h, constant(tensor(h.dtype, shape, logits)));
}

/** A mask for an output without positions. */
export function noPositions(name: string, shape: string): FimError {
  return new FimError({
    code: 'model/mask',
    kind: 'usage',
    where: `output "${name}"`,
    rule: 'a mask leaves positions out, and an ignored label is that of a position',
    got: shape,
    next: 'leave `mask` and `ignoreLabel` out',
  });
}
