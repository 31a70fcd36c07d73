/**
 * @module cli/commands/watch
 *
 * `fim watch ENV [--policy FILE]`: an episode as one self-contained page.
 */
import { writeAtomic, readBytes } from '../../data/files.js';
import { loadNetwork } from '../../model/index.js';
import {
  type Act,
  type Environment,
  loadThree,
  make,
  playNetwork,
  playRandom,
  recordEpisode,
  watchPage,
} from '../../rl/index.js';
import type { Run } from '../command.js';

export const run: Run<'watch'> = async ({ options, positionals, io }) => {
  const env = await make(positionals.env);
  try {
    const act =
      options.policy === undefined ? playRandom(env.actionSpace, options.seed) : policy(options.policy, env);
    const recording = recordEpisode(env, act, { seed: options.seed });
    const three = recording.scene ? await loadThree() : null;
    const path = options.out ?? `${positionals.env}.html`;
    writeAtomic(path, new TextEncoder().encode(watchPage(recording, three)));
    const total = recording.rewards.reduce((a, b) => a + b, 0);
    io.stdout.write(
      `${path}: ${recording.rewards.length} steps, return ${Number(total.toPrecision(6))}, ${recording.end}\n`,
    );
    return 0;
  } finally {
    env.close();
  }
};

/** The likeliest action of an ONNX policy. */
function policy(file: string, env: Environment): Act {
  const { network } = loadNetwork(readBytes(file), {
    file,
    dtype: 'float32',
    likelihood: env.actionSpace.kind === 'discrete' ? 'categorical' : 'gaussian',
    likelihoodOptions: env.actionSpace.kind === 'discrete' ? {} : { variance: 1 },
  });
  return playNetwork(network, env);
}
