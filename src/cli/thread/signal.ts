/**
 * @module cli/thread/signal
 *
 * A signal that another thread aborts: whoever looks at it sees that at once, in the middle of work that never lets the event loop turn.
 */
import { PLACE, type Shared } from './desk.js';

/** Aborted from the moment on that `stop` of the shared numbers is 1; listeners hear of it when anybody looks. */
export function sharedSignal(shared: Shared): AbortSignal {
  const abort = new AbortController();
  let heard = false;
  return Object.defineProperty(abort.signal, 'aborted', {
    get: () => {
      if (!heard && Atomics.load(shared, PLACE.stop) === 1) {
        heard = true;
        Atomics.store(shared, PLACE.heard, 1);
        abort.abort();
      }
      return heard;
    },
  });
}
