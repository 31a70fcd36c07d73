import type { Leaves } from './committed.mjs';
/** Every leaf of a command's exit code, standard output and folder. */
export function leavesOf(ran: { readonly code: number; readonly stdout: string }, folder: string): Leaves;
