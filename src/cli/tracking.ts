/**
 * @module cli/tracking
 *
 * `fim train --track`: the folder of a run with what was recorded, its figures, its manifest and what the recording cost.
 */
import { FimError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import { subset } from '../data/index.js';
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/index.js';
import { formatPercent } from '../report/format.js';
import { markup } from '../report/markup.js';
import { studyFiles } from '../report/study-page.js';
import { trackPage } from '../report/track.js';
import type { Evaluation } from '../jobs/fit.js';
import { writeFiles } from '../store/study-files.js';
import { trackCsv, TRACKED, type Tracked, Tracker } from '../jobs/track.js';
import type { Context } from './command.js';

const FOLDER = 'runs/train';
const INPUTS = 200;
const RECORDS = 20;

export interface Tracking {
  readonly look: {
    readonly every: number;
    readonly at: (step: number, network: () => Network) => Promise<void>;
  };
  /** Writes the folder. */
  finish(end: { seconds: number; interrupted: boolean; test: Evaluation }): {
    readonly folder: string;
    readonly records: number;
    readonly seconds: number;
    readonly share: number;
  };
}

/** Null where nothing is tracked. Throws `usage/track` for what is no name, and for options that need `--track`. */
export function openTracking(
  context: Context<'train'>,
  engine: Engine,
  likelihood: Likelihood,
  heldOut: Dataset,
  steps: number,
): Tracking | null {
  const { options, given, io, signal } = context;
  if (options.track.length === 0) {
    const [lone] = (['trackEvery', 'trackInputs', 'run'] as const).filter((name) => given.has(name));
    if (lone === undefined) return null;
    throw usage(
      `--${lone === 'run' ? 'run' : lone === 'trackEvery' ? 'track-every' : 'track-inputs'}`,
      'goes with --track',
    );
  }
  for (const name of options.track)
    if (!(TRACKED as readonly string[]).includes(name))
      throw usage(`--track ${name}`, `names ${TRACKED.join(' or ')}`);
  const folder = options.run ?? FOLDER;
  const every = options.trackEvery ?? Math.max(1, Math.floor(steps / RECORDS));
  const inputs = subset(heldOut, Math.min(options.trackInputs ?? INPUTS, heldOut.n), options.seed);
  const what = options.track as readonly Tracked[];
  const tracker = new Tracker(engine, likelihood, { what, inputs, now: () => io.now(), signal });
  return {
    look: { every, at: (step, network) => tracker.at(step, network()) },
    finish({ seconds, interrupted, test }) {
      const share = seconds > 0 ? tracker.seconds / seconds : 0;
      const cost = `${formatPercent(share)} of the time`;
      const files = new Map<string, string>();
      if (tracker.steps.length > 0) {
        const page = trackPage(tracker.steps, {
          kicker: `${likelihood.name}, every ${every} steps over ${inputs.n} held-out inputs`,
          lead: markup`<p>Recording took ${cost}.</p>`,
          footer: `Made by fim ${context.version}: ${context.commandLine}`,
        });
        for (const [name, text] of studyFiles(page)) files.set(name, text);
      }
      files.set('track.csv', trackCsv(tracker.steps));
      files.set(
        'manifest.json',
        `${JSON.stringify(
          {
            fim: context.version,
            command: context.manifest,
            likelihood: likelihood.name,
            likelihoodOptions: likelihood.options,
            engine: engine.name,
            build: engine.build,
            steps,
            tracked: { what, every, inputs: inputs.n, source: heldOut.source, records: tracker.steps.length },
            cost: { seconds: tracker.seconds, ofSeconds: seconds, share },
            test,
            interrupted,
          },
          null,
          2,
        )}\n`,
      );
      writeFiles(folder, files);
      return { folder, records: tracker.steps.length, seconds: tracker.seconds, share };
    },
  };
}

function usage(where: string, rule: string): FimError {
  return new FimError({
    code: 'usage/track',
    kind: 'usage',
    where,
    rule,
    next: 'fim train --track fisher,variance --track-every 100 --run runs/mine',
  });
}
