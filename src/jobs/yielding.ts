/**
 * @module jobs/yielding
 *
 * The small engine computes inside the call, so a loop over its programs never returns to the event loop, and Ctrl-C is not heard
 * before the end. A yielding engine's programs let the loop turn once after each run: a few microseconds for a pass over a batch.
 * Not for rollouts, which want synchronous programs and have breaks of their own.
 */
import type { AsyncProgram, Engine, SyncProgram } from '../engine/types.js';

/** Lets the event loop turn once. */
export const turn = (): Promise<void> => new Promise(later);

/** Calls back after what waits: Node's own immediate; in browsers a message, which no least delay holds up as it does timers. */
const later: (done: () => void) => void =
  typeof setImmediate === 'function'
    ? (done) => void setImmediate(done)
    : (done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          done();
        };
        port2.postMessage(null);
      };

/** The same engine; what it compiles is asynchronous. */
export function yielding(engine: Engine): Engine {
  return {
    name: engine.name,
    build: engine.build,
    copies: engine.copies,
    convolves: engine.convolves,
    crew: engine.crew,
    store: () => engine.store(),
    dispose: () => engine.dispose(),
    compile: async (graph, options) => {
      const program = await engine.compile(graph, options);
      return program.sync ? yieldingProgram(program) : program;
    },
  };
}

/** Changes the program itself: an engine connects only programs that it made. */
function yieldingProgram(program: SyncProgram): AsyncProgram {
  const run = program.run.bind(program);
  const slow = async (n: number): Promise<void> => {
    run(n);
    await turn();
  };
  return Object.defineProperties(program as unknown as AsyncProgram, {
    sync: { value: false },
    run: { value: slow },
  });
}
