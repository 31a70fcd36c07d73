/**
 * @module cli/goes-on
 *
 * Commands whose folder holds what was reached, so that the same line goes on after any end.
 */
import type { CommandName } from './commands.js';
import type { ParsedCommand } from './parse.js';

const ALWAYS: readonly CommandName[] = ['sweep', 'reproduce', 'rl train', 'rl compare', 'work'];

/** Whether the same command goes on where this one is ended. */
export const goesOn = ({ command, given }: Extract<ParsedCommand, { kind: 'command' }>): boolean =>
  ALWAYS.includes(command) || (command === 'estimate' && given.has('run'));
