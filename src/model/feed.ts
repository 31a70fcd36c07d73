/**
 * @module model/feed
 *
 * A feed: how data fill an input of a network.
 */

/** How data feed an input. */
export interface Feed {
  /** Axis of the examples in the file, and so in arrays that were made for it; 0 where it is not said. */
  readonly axis?: number;
  /** Whether the axis was said and not inferred. */
  readonly said?: boolean;
  /** What fills it where data have no array for it. */
  readonly otherwise?: number;
}
