#!/usr/bin/env node
/**
 * @module cli/main
 *
 * The command's entry: `fim --help` and `fim --version` are answered from the commands' summaries, without the settings table, an engine
 * or a command's body; for everything else the session is started in a thread of its own, from Node's cache of compiled code where Node has
 * one (22.1 and later; NODE_DISABLE_COMPILE_CACHE=1 turns it off).
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { guardStreams } from './guard-streams.js';
import { processIo } from './io.js';
import { overview } from './overview.js';
import { keep } from './thread/keeper.js';

const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** The answer that needs no table: the same as `runCli`'s. */
function quickAnswer([first]: readonly string[]): string | undefined {
  if (first === undefined || first === '--help' || first === '-h')
    return overview(version, processIo(process).stdout);
  return first === '--version' || first === '-V' ? version : undefined;
}

const words = process.argv.slice(2);
const answer = quickAnswer(words);
if (answer !== undefined) {
  guardStreams(process);
  process.stdout.write(`${answer}\n`);
} else keep(words, version);
