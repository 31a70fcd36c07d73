/**
 * @module data/input-spec
 *
 * An input of a graph as data are held against it: name, type, the shape of one example, and how arrays feed it.
 */
import type { DType } from '../core/tensor.js';

/** An input of the graph, without its batch axis. */
export interface InputSpec {
  /** Its name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** Shape of one example; null where a size, or all of them, is not known. */
  readonly shape: readonly (number | null)[] | null;
  /** Axis along which arrays made for the network have their examples; default 0. */
  readonly axis?: number;
  /** Whether that axis was said: then it is that of the array. */
  readonly said?: boolean;
  /** What fills the input where there is no array for it. */
  readonly otherwise?: number;
}
