/**
 * @module cli/commands/rl/evaluate
 *
 * `fim rl evaluate ENV POLICY`: fresh episodes of a policy's likeliest actions, or of actions drawn from it.
 */
import { evaluate } from '../../../rl/train/evaluate.js';
import type { Run } from '../../command.js';
import { changedSince, environmentId } from '../../environment.js';
import { environmentOptions, openEnvironment } from '../../environment-options.js';
import { readPolicy } from '../../policy-file.js';
import { cutText } from './cut-text.js';
import { returnJson } from './return-json.js';
import { figure } from './train.js';

export const run: Run<'rl evaluate'> = async ({ options, positionals, io }) => {
  const environment = await environmentId(positionals.env);
  const made = environmentOptions(options);
  const env = await openEnvironment(environment, made);
  const { actionSpace } = env;
  env.close();
  const { network, likelihood, file } = readPolicy(positionals.policy, actionSpace);
  const changed = changedSince(file, environment);
  if (changed !== null) io.stderr.write(`note: ${changed}\n`);
  const { episodes, seed, actions } = options;
  const how = made === undefined ? {} : { options: made };
  const result = await evaluate(network, environment, { episodes, seed, actions, likelihood, ...how });
  const cut = cutText(result);
  if (options.json) {
    const { returns, lengths } = result;
    const shown = { env: environment, policy: file, seed, actions, ...returnJson(result) };
    io.stdout.write(`${JSON.stringify({ ...shown, returns, lengths, cut: result.cut, ...how })}\n`);
  } else {
    const drawn = actions === 'drawn' ? ' of drawn actions' : '';
    io.stdout.write(`${environment}: ${figure(result)} over ${result.episodes} episodes${drawn}\n`);
    if (cut !== null) io.stdout.write(`${cut}\n`);
  }
  return 0;
};
