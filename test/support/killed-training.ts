/**
 * A small training run for tests to kill: `killed-training FOLDER` writes a byte when it begins and at every row of its table, keeps a checkpoint at each, and
 * goes on to the end.
 */
import { pathToFileURL } from 'node:url';
import { presetFor } from '../../src/rl/presets/index.js';
import type { TrainSettings } from '../../src/rl/train/settings.js';
import { type TrainResult, trainRun } from '../../src/store/training/train.js';

const { settings } = presetFor('acktr', 'Acrobot-v1');

/** Optimisers, running factors, both normalisers, truncated episodes: everything that a state may hold. */
export const SETTINGS: TrainSettings = {
  ...settings,
  environment: 'Acrobot-v1',
  algorithm: 'acktr',
  steps: 80_000,
  seed: 4,
  environments: 4,
  horizon: 32,
  hidden: [16],
  normaliseObservations: true,
  normaliseRewards: true,
};

export function trainTo(
  folder: string,
  onProgress: () => void = () => undefined,
): Promise<TrainResult | null> {
  return trainRun(SETTINGS, folder, {
    version: '0.0.0',
    now: () => process.uptime(),
    wallTime: () => 0,
    workers: 1,
    saveSeconds: 0,
    onProgress,
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const tick = (): void => void process.stdout.write('.');
  tick();
  await trainTo(process.argv[2], tick);
}
