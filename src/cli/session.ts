/**
 * @module cli/session
 *
 * A run of `fim` as this process: its streams and signals around `runCli`, and its exit code.
 */
import process from 'node:process';
import { runCli } from './cli.js';
import { listenForInterrupts } from './interrupt.js';
import { processIo } from './io.js';

/** Runs `fim ...words` and sets the process's exit code. Never throws. */
export async function session(words: readonly string[], version: string): Promise<void> {
  const io = processIo(process);
  const interrupts = listenForInterrupts(process, io);
  process.exitCode = await runCli(words, { io, version, signal: interrupts.signal });
  interrupts.release();
}
