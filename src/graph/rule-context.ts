/**
 * @module graph/rule-context
 *
 * The context of a derivative rule: questions about the extra axes of cotangents and tangents, which graph/layout answers.
 */
import type { Builder } from './builder.js';
import type { Dim, Shape } from './dims.js';
import type { Value } from './value.js';

/** What a derivative rule may ask about the layout of cotangents and tangents; all shapes are those of primals. */
export interface RuleContext {
  /** Makes the values that a rule is written in. */
  readonly b: Builder;
  /** Dimensions of the leading axes; empty for a plain gradient. */
  readonly lead: Shape;
  /** Keep the examples apart in cotangents of values that do not depend on them. */
  readonly perExample: boolean;
  /** Leading axes in the layout of `shape`. */
  leadOf(shape: Shape): Shape;
  /** Index at which the leading axes stand. */
  position(shape: Shape): number;
  /** Position of `axis` of a value of this shape inside its cotangent. */
  axis(shape: Shape, axis: number): number;
  /** Shape of the cotangent or tangent of a value of this shape. */
  shapeOf(shape: Shape): Dim[];
  /** A primal, with 1s inserted so that it broadcasts against cotangents of a value of shape `out`. */
  align(primal: Value, out: Shape): Value;
  /** Sums a cotangent in the layout of `out` over what was broadcast, giving one in the layout of `shape`. */
  reduceTo(ct: Value, out: Shape, shape: Shape): Value;
  /** A tangent of a value of shape `shape`, arranged to broadcast against the layout of `out`. */
  place(tangent: Value, shape: Shape, out: Shape): Value;
  /** Repeats a value along its broadcast dimensions so that it has exactly the layout of `like`. */
  broadcastTo(value: Value, like: Value): Value;
  /** Rearranges a cotangent in the layout of `from`, where axis i of `to` is axis `source[i]` of `from`. */
  rearrange(ct: Value, from: Shape, to: Shape, source: readonly number[]): Value;
  /** A cotangent in the layout of `from`, read as one of a value with the same elements in shape `to`. */
  reshape(ct: Value, from: Shape, to: Shape): Value;
}
