/**
 * @module cli/commands/envs/check
 *
 * `fim envs check FILE`: plays an environment and says what is mistaken in it, and what may be meant so.
 */
import { FimError } from '../../../core/errors.js';
import { checkRegistered, findingOf } from '../../../rl/check-registered.js';
import type { EnvironmentSettings, Finding } from '../../../rl/index.js';
import type { Run } from '../../command.js';
import { environmentId } from '../../environment.js';
import { environmentOptions } from '../../environment-options.js';
import { inFlags, jsonLine } from '../../mentions.js';

export const run: Run<'envs check'> = async ({ options, positionals, io }) => {
  const { env, findings } = await look(positionals.file, environmentOptions(options));
  const mistakes = findings.filter((f) => f.kind === 'mistake').length;
  if (options.json) io.stdout.write(jsonLine({ env, findings }));
  else {
    const lines = findings.map(({ kind, code, text }) => `${kind} ${code}: ${inFlags(text)}`);
    const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
    lines.push(
      findings.length === 0
        ? `${env}: nothing found`
        : `${env}: ${count(mistakes, 'mistake')}, ${count(findings.length - mistakes, 'note')}`,
    );
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  return mistakes > 0 ? 1 : 0;
};

/** A module that is there but exports no environment is a mistake in it; one that is not there is none to look at. */
async function look(
  file: string,
  options: EnvironmentSettings | undefined,
): Promise<{ env: string; findings: readonly Finding[] }> {
  let env: string;
  try {
    env = await environmentId(file);
  } catch (error) {
    const codes = ['rl/environment-module', 'rl/registered'];
    const missing = error instanceof FimError && error.complaint.rule === 'no such file';
    if (!(error instanceof FimError) || missing || !codes.includes(error.code)) throw error;
    return { env: file, findings: [findingOf(error)] };
  }
  return { env, findings: await checkRegistered(env, options === undefined ? {} : { options }) };
}
