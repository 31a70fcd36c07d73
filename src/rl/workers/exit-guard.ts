/**
 * @module rl/workers/exit-guard
 *
 * Has `process.exit` inside a module of the user's fail the call that it stands in, instead of ending a run without a word and without a
 * result. Calls from anywhere else end the process as always.
 */
import { ExitCalled } from '../faults.js';

const OWN = new URL('../../', import.meta.url).href;
const folders = new Set<string>();
let installed = false;

/** Guards calls from files in and under the folder of `href`. */
export function guardExit(href: string): void {
  folders.add(new URL('.', href).href);
  if (installed) return;
  installed = true;
  const exit = process.exit.bind(process);
  process.exit = (code?: number | string | null): never => {
    const frames = (new Error().stack ?? '').match(/file:\/\/[^\s):]+/g) ?? [];
    const theirs = frames.some((f) => !f.startsWith(OWN) && [...folders].some((at) => f.startsWith(at)));
    if (theirs) throw new ExitCalled(`process.exit(${code ?? ''})`);
    return exit(code);
  };
}
