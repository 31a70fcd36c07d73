/**
 * @module cli/commands/rl/evaluate
 *
 * `fim rl evaluate ENV --policy FILE`: fresh episodes of a policy's likeliest actions.
 */
import { make } from '../../../rl/index.js';
import { evaluate } from '../../../rl/train/evaluate.js';
import type { Run } from '../../command.js';
import { changedSince, environmentId } from '../../environment.js';
import { readPolicy } from '../../policyFile.js';
import { figure } from './train.js';

export const run: Run<'rl evaluate'> = async ({ options, positionals, io }) => {
  const environment = await environmentId(positionals.env);
  const env = await make(environment);
  const { actionSpace } = env;
  env.close();
  const network = readPolicy(positionals.policy, actionSpace);
  const changed = changedSince(positionals.policy, environment);
  if (changed !== null) io.stderr.write(`note: ${changed}\n`);
  const { episodes, seed } = options;
  const result = await evaluate(network, environment, { episodes, seed });
  if (options.json) {
    const { mean, standardError, episodes: n, returns } = result;
    io.stdout.write(
      `${JSON.stringify({ env: environment, policy: positionals.policy, seed, mean, standardError, episodes: n, returns })}\n`,
    );
  } else io.stdout.write(`${environment}: ${figure(result)} over ${result.episodes} episodes\n`);
  return 0;
};
