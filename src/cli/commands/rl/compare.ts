/**
 * @module cli/commands/rl/compare
 *
 * `fim rl compare`: algorithms × environments × seeds, from a file or from flags.
 */
import { join } from 'node:path';
import { FimError } from '../../../core/errors.js';
import { parseOverrides, readOverrides } from '../../../rl/train/overrides.js';
import { type Comparison, plainArm } from '../../../store/training/grid.js';
import {
  algorithmOf,
  checkComparison,
  defaultTitle,
  readComparison,
  seedsOf,
} from '../../../store/training/grid-file.js';
import { readJson } from '../../../store/points.js';
import type { Context, Run } from '../../command.js';
import { runCompare } from '../../compare/run.js';
import { checkedEnvironment, isModule } from '../../environment.js';
import { environmentOptions, requireEnvironment } from '../../environment-options.js';
import { flagOf } from '../../flags.js';
import { quote } from '../../../core/shell.js';
import { hasTasks } from '../../../scale/folder.js';
import { prepareCompare } from '../../tasks/compare.js';
import { sayPrepared } from '../../tasks/prepare.js';

const SEEDS = 5;
/** Flags that say what to compare, which a file says too. */
const ASKING = ['algorithms', 'envs', 'steps', 'seeds', 'set', 'trackFisher', 'maxSteps', 'envSet'] as const;

/** Throws `usage/compare` for a folder whose runs are tasks. */
export const run: Run<'rl compare'> = async (context) => {
  const { options, positionals } = context;
  const { spec } = positionals;
  const asked = spec === undefined ? fromFlags(context) : fromFile(context, spec);
  const modules = asked.environments.map((e) => e.id).filter(isModule);
  const {
    io,
    options: { quiet },
  } = context;
  const comparison = await withEnvironments(asked, (line) => void (quiet || io.stderr.write(`${line}\n`)));
  const stem = spec?.replace(/^.*[\\/]/, '').replace(/\.json$/i, '');
  const out = outOf(context) ?? join('runs', stem === undefined || stem === '' ? 'compare' : stem);
  if (options.prepare) {
    const tasks = await prepareCompare(context, out, comparison, modules);
    return tasks === null ? 130 : sayPrepared(context, out, tasks);
  }
  if (hasTasks(out)) throw isCut(out);
  return runCompare(context, comparison, out, { modules });
};

/** Throws `usage/compare` for two folders. */
function outOf({ options: { out, run: other } }: Context<'rl compare'>): string | undefined {
  if (out === undefined || other === undefined || out === other) return out ?? other;
  throw new FimError({
    code: 'usage/compare',
    kind: 'usage',
    where: `fim rl compare --out ${out} --run ${other}`,
    rule: 'has one folder, by either word',
    got: 'two',
    next: `--out ${quote(out)}`,
  });
}

function isCut(out: string): FimError {
  return new FimError({
    code: 'usage/compare',
    kind: 'usage',
    where: out,
    rule: 'its runs were prepared as tasks, which workers do',
    got: 'a folder with tasks.json',
    next: `fim work ${quote(out)}`,
  });
}

function fromFile({ given }: Context<'rl compare'>, spec: string): Comparison {
  const flag = ASKING.find((name) => given.has(name));
  if (flag !== undefined) {
    throw new FimError({
      code: 'usage/compare',
      kind: 'usage',
      where: `fim rl compare ${spec} ${flagOf(flag)}`,
      rule: 'what to compare stands in a file or in flags',
      got: 'both',
      next: `put it into ${spec}, or leave the file out`,
    });
  }
  return readComparison(readJson(spec), spec);
}

function fromFlags({ options }: Context<'rl compare'>): Comparison {
  const { algorithms, envs, steps, seeds, trackFisher } = options;
  for (const [flag, list] of [
    ['--algorithms', algorithms],
    ['--envs', envs],
  ] as const) {
    if (list.length > 0) continue;
    throw new FimError({
      code: 'usage/compare',
      kind: 'usage',
      where: 'fim rl compare',
      rule: 'takes a .json file, or --algorithms and --envs',
      got: `no ${flag}`,
      next: 'fim rl compare --algorithms ppo,trpo --envs CartPole-v1',
    });
  }
  const set = parseOverrides(options.set);
  const arms = algorithms.map((name) => plainArm(algorithmOf(name, '--algorithms'), set));
  for (const { algorithm } of arms) readOverrides(algorithm, set);
  const made = environmentOptions(options);
  const environments = envs.map((id) => ({
    id,
    steps,
    set: {},
    ...(made === undefined ? {} : { options: made }),
  }));
  return checkComparison(
    {
      title: defaultTitle(arms, environments),
      arms,
      environments,
      seeds: seedsOf(seeds ?? SEEDS, '--seeds'),
      ...(trackFisher === undefined ? {} : { trackFisher }),
    },
    'fim rl compare',
  );
}

/** Modules of the user's under the names they register. */
async function withEnvironments(comparison: Comparison, say: (line: string) => void): Promise<Comparison> {
  const ids = new Map<string, string>();
  for (const { id, options } of comparison.environments)
    ids.set(
      id,
      await checkedEnvironment(id, say, { many: true, ...(options === undefined ? {} : { options }) }),
    );
  for (const id of ids.values()) requireEnvironment(id);
  const named = (id: string): string => ids.get(id) ?? id;
  return {
    ...comparison,
    environments: comparison.environments.map((e) => ({ ...e, id: named(e.id) })),
    arms: comparison.arms.map((arm) => ({
      ...arm,
      environments: Object.fromEntries(Object.entries(arm.environments).map(([id, set]) => [named(id), set])),
    })),
  };
}
