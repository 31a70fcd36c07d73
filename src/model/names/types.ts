/**
 * @module model/names/types
 *
 * A file of names says what θ is: the keys of `named_parameters()`, one a line, or arrays under them. It is read elsewhere (data/names);
 * here is what it says.
 */
import type { Tensor } from '../../core/tensor.js';

/** One parameter as its framework knows it. */
export interface NamedEntry {
  /** Its key. */
  readonly name: string;
  /** Its shape there; null where the file lists names alone. */
  readonly shape: readonly number[] | null;
  /** Its numbers there, floating point; null where the file lists names alone. */
  readonly values: Tensor | null;
}

/** A key that is no parameter by its name or type. */
export interface AsideKey {
  /** The key. */
  readonly name: string;
  /** Why it is none. */
  readonly reason: string;
}

/** Names, shapes and numbers of a framework's parameters, read from a file. */
export interface NamesFile {
  /** Path, for messages. */
  readonly where: string;
  /** In the file's order. */
  readonly entries: readonly NamedEntry[];
  /** Keys set aside: buffers that a state dict also lists. */
  readonly aside: readonly AsideKey[];
}

/** How reasons end that set a name aside for want of a derivative. */
export const ZERO = 'its derivative is 0';
