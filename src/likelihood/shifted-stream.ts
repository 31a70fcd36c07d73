/**
 * @module likelihood/shifted-stream
 *
 * Uniforms of a stream from a component on: what is drawn for one of several positions has components of its own under the same key.
 */
import { UniformStream } from '../core/random.js';

/** The same draws, component c being `by` + c of `stream`. */
export function shiftedStream(stream: UniformStream, by: number): UniformStream {
  return by === 0 ? stream : new Shifted(stream, by);
}

class Shifted extends UniformStream {
  constructor(
    private readonly inner: UniformStream,
    private readonly by: number,
  ) {
    super(inner.seed, inner.stream);
  }

  override at(example: number, occurrence: number, draw: number, component: number): number {
    return this.inner.at(example, occurrence, draw, component + this.by);
  }

  override fill(
    ...[out, offset, count, example, occurrence, draw, first = 0]: Parameters<UniformStream['fill']>
  ): void {
    this.inner.fill(out, offset, count, example, occurrence, draw, first + this.by);
  }
}
