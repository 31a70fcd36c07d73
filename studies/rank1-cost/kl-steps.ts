/**
 * @module studies/rank1-cost/kl-steps
 *
 * The divergence of every step over what it was asked to be, KL(π_old ‖ π)/ε over the segment's states in closed form, before any search,
 * in real training: the presets' networks, discounts and normalisation, with segments and critic of one size for all.
 */
import { significant } from 'fim/jobs';
import { type PresetSettings, Training, presetFor, withOverrides } from 'fim/rl';
import type { KlArm, KlPlan } from './plan.js';

export interface KlRecord {
  readonly environment: string;
  readonly arm: string;
  readonly name: string;
  /** KL over ε of every update. */
  readonly ratios: readonly number[];
  /** Mean return of the last episodes. */
  readonly lastReturn: number | null;
}

export async function measureKlSteps(
  plan: KlPlan,
  environment: string,
  arm: KlArm,
  aborted: () => boolean = () => false,
  onUpdate: (done: number) => void = () => {},
): Promise<KlRecord | null> {
  const { settings } = presetFor(arm.algorithm, environment);
  const critic = arm.algorithm === 'acktr' ? {} : { criticEpochs: plan.criticEpochs, criticMinibatch: 0 };
  const own: PresetSettings = withOverrides(arm.algorithm, settings, {
    environments: plan.copies,
    horizon: plan.horizon,
    step: 'kl',
    targetKl: plan.epsilon,
    klScale: 'exact',
    ...critic,
    ...arm.options,
  });
  const steps = plan.updates * plan.copies * plan.horizon;
  const training = await Training.create(
    { ...own, environment, algorithm: arm.algorithm, steps, seed: plan.seed },
    { workers: 1 },
  );
  try {
    const ratios: number[] = [];
    while (!training.done) {
      if (aborted()) return null;
      const { kl, kl_asked } = await training.update(true);
      // A segment without a gradient has no step.
      if (kl_asked !== undefined) ratios.push(significant(kl / kl_asked, 5));
      onUpdate(training.updates);
    }
    const { mean } = training.recent.figure;
    return { environment, arm: arm.key, name: arm.name, ratios, lastReturn: mean };
  } finally {
    training.close();
  }
}
