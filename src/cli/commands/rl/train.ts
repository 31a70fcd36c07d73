/**
 * @module cli/commands/rl/train
 *
 * `fim rl train ENV`: a policy by one of the algorithms, in a run folder that an interrupted run goes on in.
 */
import { join } from 'node:path';
import { formatCount, formatDuration, formatNumber } from '../../../report/format.js';
import { presetFor } from '../../../rl/presets/index.js';
import { parseOverrides, readOverrides, withOverrides } from '../../../rl/train/overrides.js';
import type { ReturnFigure } from '../../../rl/train/returns.js';
import type { TrainSettings } from '../../../rl/train/settings.js';
import { checkedEnvironment, isModule, moduleOf } from '../../environment.js';
import { POLICY_FILE } from '../../../store/training/policy.js';
import { type TrainResult, trainRun } from '../../../store/training/train.js';
import type { EnvironmentSettings } from '../../../rl/index.js';
import type { EvaluationFigure } from '../../../rl/train/evaluate.js';
import type { Run } from '../../command.js';
import { environmentOptions as optionsOf, openEnvironment } from '../../environment-options.js';
import { startProgress } from '../../terminal/live.js';
import { cutText } from './cut-text.js';
import { returnJson } from './return-json.js';
import { inFlags, jsonLine } from '../../mentions.js';
import { setting } from '../../../core/settings/reference.js';

export const run: Run<'rl train'> = async ({ options, positionals, io, signal, version }) => {
  const { algorithm, steps, seed, quiet } = options;
  const say = (line: string): void => void (quiet || io.stderr.write(`${inFlags(line)}\n`));
  const environmentOptions = optionsOf(options);
  const overrides = parseOverrides(options.set);
  if (options.klScale !== undefined) overrides.klScale = options.klScale;
  readOverrides(algorithm, overrides);
  const mapped = overrides.actions === 'mapped';
  const environment = await checkedEnvironment(
    positionals.env,
    // Who maps the actions is not told to.
    (note) => {
      if (!mapped || !note.includes(setting('set', { actions: 'mapped' }))) say(note);
    },
    environmentOptions === undefined ? {} : { options: environmentOptions },
  );
  const drawn = await isDrawn(environment, environmentOptions);
  const preset = presetFor(algorithm, environment);
  const settings: TrainSettings = {
    ...withOverrides(algorithm, preset.settings, overrides),
    environment,
    ...moduleOf(environment),
    ...(environmentOptions === undefined ? {} : { environmentOptions }),
    algorithm,
    steps,
    seed,
    ...(options.trackFisher === undefined ? {} : { trackFisher: options.trackFisher }),
  };
  const dir = options.out ?? join('runs', `${algorithm}-${encodeURIComponent(environment)}-${seed}`);
  say(`preset: ${preset.source}`);
  if (algorithm === 'reinforce' && settings.value === 'none')
    say(
      `note: value none: rewards count up to the end of a segment of ${settings.horizon} steps; --set horizon=N should cover an episode`,
    );
  const progress = startProgress(io, `${algorithm} ${environment}`, quiet);
  let result: TrainResult | null;
  let worked = false;
  try {
    result = await trainRun(settings, dir, {
      version,
      now: () => io.now(),
      wallTime: () => Date.now() / 1000,
      signal,
      workers: options.workers ?? 'auto',
      modules: isModule(positionals.env) ? [positionals.env] : [],
      onNote: say,
      onProgress: ({ share, steps: done, returns, kl, stepsPerSecond }) => {
        worked = true;
        progress.update(share, () =>
          [
            `${formatCount(done)} steps`,
            `return ${figure(returns)}`,
            ...(kl === null ? [] : [`KL ${formatNumber(kl, 2)}`]),
            `${formatCount(Math.round(stepsPerSecond))}/s`,
          ].join('  '),
        );
      },
    });
  } finally {
    progress.end();
  }
  if (result === null) {
    say(`${dir}: stopped; the same command goes on from here`);
    return 130;
  }
  if (!worked) say(`${dir}: this run is done`);
  if (options.json) {
    io.stdout.write(jsonLine(resultJson(result)));
  } else {
    io.stdout.write(
      [
        `${environment}, ${algorithm}, seed ${seed}: ${formatCount(result.steps)} steps in ${formatDuration(result.seconds)} (${formatCount(Math.round(result.stepsPerSecond))}/s)`,
        `  training    ${figure(result.return)} over the last ${result.return.episodes} of ${formatCount(result.episodes)} episodes`,
        ...evaluationLines(result),
        `  ${join(dir, POLICY_FILE)}`,
        '',
      ].join('\n'),
    );
    if (drawn) say(`\nhint: fim watch ${positionals.env} --policy ${join(dir, POLICY_FILE)}`);
  }
  return 0;
};

/** What is shown of a result; where a number is null, why. */
function resultJson({ updates: _, updateSeconds: __, ...shown }: TrainResult): Record<string, unknown> {
  const { evaluation, evaluationDrawn: drawn, stepsPerSecond } = shown;
  return {
    ...shown,
    return: { ...shown.return, ...returnJson(shown.return) },
    evaluation: { ...evaluation, ...returnJson(evaluation) },
    ...(drawn === undefined ? {} : { evaluationDrawn: { ...drawn, ...returnJson(drawn) } }),
    ...(Number.isFinite(stepsPerSecond) ? {} : { reason: 'stepsPerSecond: no time passed on the clock' }),
  };
}

/** Whether `fim watch` has something to show of it. */
async function isDrawn(id: string, options: EnvironmentSettings | undefined): Promise<boolean> {
  const env = await openEnvironment(id, options);
  env.close();
  return 'scene' in env.dynamics || typeof env.dynamics.render === 'function';
}

function evaluationLines({ evaluation, evaluationDrawn: drawn }: TrainResult): string[] {
  const line = (what: string, of: EvaluationFigure, actions: string): string[] => {
    const cut = cutText(of);
    const text = `  ${what}  ${figure(of)} over ${of.episodes} episodes of ${actions}`;
    return cut === null ? [text] : [text, `              ${cut}`];
  };
  return [
    ...line('evaluation', evaluation, 'the likeliest actions'),
    // Results of older versions have none.
    ...(drawn === undefined ? [] : line('          ', drawn, 'drawn actions')),
  ];
}

/** `212 ± 14`. */
export function figure({ mean, standardError }: ReturnFigure): string {
  if (mean === null) return 'no episode yet';
  const error = standardError === null ? '' : ` ± ${formatNumber(standardError, 2)}`;
  return `${formatNumber(mean, 4)}${error}`;
}
