/**
 * The return of random play that `src/rl/scores.ts` normalises by: actions uniform over the action space, 1,000 episodes, mean and
 * standard error. Episodes follow one another in one environment, so that short ones are not preferred.
 * Usage: npx vite-node bench/random-returns.ts [ID …] (default: every environment of fim that has a reference)
 */
import { listEnvironments, make, playRandom } from '../src/rl/index.js';
import { SCORES } from '../src/rl/scores.js';
import { Moments } from '../src/stats/moments.js';

const EPISODES = 1000;
const named = process.argv.slice(2).filter((a) => /-v\d+$/.test(a));

for (const { id } of listEnvironments()) {
  if (named.length > 0 ? !named.includes(id) : !(id in SCORES)) continue;
  const env = await make(id);
  const act = playRandom(env.actionSpace, 0);
  const returns = new Moments();
  for (let episode = 0; episode < EPISODES; episode++) {
    let { observation } = env.reset(episode === 0 ? { seed: 0 } : {});
    let total = 0;
    while (env.running) {
      const r = env.step(act(observation));
      observation = r.observation;
      total += r.reward;
    }
    returns.add(total);
  }
  console.log(
    `'${id}': random ${returns.mean.toPrecision(8)}, standardError ${returns.standardError.toPrecision(3)}`,
  );
  env.close();
}
