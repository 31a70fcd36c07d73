/**
 * @module cli/overview
 *
 * `fim --help` as text, from the commands' summaries alone: it needs no settings table, so that it answers as fast as Node starts.
 */
import { COMMAND_NAMES, COMMANDS, type CommandName } from './commands.js';
import { pad, styleOf, widthOf, wrap } from './terminal/style.js';

/** What help is written to. */
export interface Screen {
  readonly columns: number;
  readonly colour: boolean;
}

/** `fim --help`. */
export function overview(version: string, screen: Screen): string {
  const style = styleOf(screen);
  const width = Math.max(...COMMAND_NAMES.map(widthOf));
  const columns = Math.max(40, Math.min(screen.columns, 100));
  const summary = (name: CommandName) => hanging(COMMANDS[name].summary, width + 4, columns);
  const lines = COMMAND_NAMES.map((name) => `  ${style.bold(pad(name, width))}  ${summary(name)}`);
  return [
    `fim ${version}: the Fisher information of any network, with error bars`,
    '',
    `${style.bold('Usage')}  fim COMMAND [arguments] [options]`,
    '',
    style.bold('Commands'),
    ...lines,
    '',
    style.bold('Options'),
    `  ${style.bold('-h, --help')}     help on fim, or on a command: fim estimate --help`,
    `  ${style.bold('-V, --version')}  version`,
    '',
    'fim help COMMAND explains every option at length.',
    'Exit codes: 0 done, 1 the answer is no, 2 usage, 3 bad input, 130 interrupted.',
  ].join('\n');
}

/** Words beside a name: further lines begin where the first does. */
export const hanging = (text: string, indent: number, columns: number): string =>
  wrap(text, columns - indent, ' '.repeat(indent));
