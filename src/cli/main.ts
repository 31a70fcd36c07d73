#!/usr/bin/env node
/**
 * @module cli/main
 *
 * The process around `runCli`: its streams, its version, its signals, its exit code.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCli } from './cli.js';
import { listenForInterrupts } from './interrupt.js';
import { processIo } from './io.js';

const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

// `fim … | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const io = processIo(process);
const interrupts = listenForInterrupts(process, io);
process.exitCode = await runCli(process.argv.slice(2), { io, version, signal: interrupts.signal });
interrupts.release();
