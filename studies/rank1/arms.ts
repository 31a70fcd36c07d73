/**
 * @module studies/rank1/arms
 *
 * The arms of the study of the rank-1 inverse, and for each the eight configurations that it is tuned over. Every arm gets the same
 * number; a configuration changes the preset of its algorithm and environment and nothing else.
 *
 *   smac          η/λ in {0.1, 0.3, 1, 3} × λ in {0.1, 10}
 *   a2c-control   a2c-plain at SMAC's chosen η/λ: not tuned
 *   a2c-plain     η in {0.1, 0.3, 1, 3}, the same effective steps, and {0.03, 0.6, 1.7, 10}; SMAC's segments, critic and schedule
 *   a2c           published: learning rate in {3e-4, 7e-4, 1.5e-3, 3e-3} × entropy in {0, 0.01}
 *   ppo           learning rate in {1e-4, 3e-4, 6e-4, 1e-3} × clip in {0.1, 0.2}
 *   trpo, npg     KL target in {0.003, 0.01, 0.02, 0.04} × damping in {0.01, 0.1}
 *   acktr         KL target in {1e-3, 3e-3, 1e-2, 3e-2} × largest step in {0.25, 1}
 *   woodbury      KL target in {0.003, 0.01, 0.02, 0.04} × smallest damping of the method of moments in {0.001, 0.1}
 */
import { type AlgorithmName, type Overrides, presetFor, settingsGrid } from 'fim/rl';

export const ARMS = [
  'smac',
  'a2c-control',
  'a2c-plain',
  'a2c',
  'ppo',
  'trpo',
  'npg',
  'acktr',
  'woodbury',
] as const;
export type ArmName = (typeof ARMS)[number];

const KL = [0.003, 0.01, 0.02, 0.04];
const STEPS = [0.1, 0.3, 1, 3];

/** Eight configurations of an arm; none for the control. */
export function gridOf(arm: ArmName): readonly Overrides[] {
  switch (arm) {
    case 'smac':
      return STEPS.flatMap((step) =>
        [0.1, 10].map((damping) => ({ damping, learningRate: Number((step * damping).toPrecision(12)) })),
      );
    case 'a2c-control':
      return [];
    case 'a2c-plain':
      return settingsGrid({ learningRate: [...STEPS, 0.03, 0.6, 1.7, 10] });
    case 'a2c':
      return settingsGrid({ learningRate: [3e-4, 7e-4, 1.5e-3, 3e-3], entropyCoefficient: [0, 0.01] });
    case 'ppo':
      return settingsGrid({ learningRate: [1e-4, 3e-4, 6e-4, 1e-3], clip: [0.1, 0.2] });
    case 'trpo':
    case 'npg':
      return settingsGrid({ targetKl: KL, damping: [0.01, 0.1] });
    case 'acktr':
      return settingsGrid({ targetKl: [1e-3, 3e-3, 1e-2, 3e-2], learningRate: [0.25, 1] });
    case 'woodbury':
      return settingsGrid({ targetKl: KL, damping: [0.001, 0.1] });
  }
}

/** Whether an arm is A2C by plain gradient ascent in SMAC's frame. */
const isPlain = (arm: ArmName): boolean => arm === 'a2c-control' || arm === 'a2c-plain';

export function algorithmOf(arm: ArmName): AlgorithmName {
  return isPlain(arm) ? 'a2c' : (arm as AlgorithmName);
}

/**
 * What an arm changes of its algorithm's preset in an environment before it is tuned: of the plain arms everything, so that they are
 * SMAC's runs but for the inverse.
 */
export function frameOf(arm: ArmName, environment: string): Overrides {
  if (!isPlain(arm)) return {};
  const { options, ...run } = presetFor('smac', environment).settings;
  const a2c = presetFor('a2c', environment).settings.options;
  const shared = Object.entries(options).filter(([name]) => Object.hasOwn(a2c, name));
  return { ...run, ...Object.fromEntries(shared), critic: 'separate' };
}

/** The control's configuration from SMAC's: η/λ. */
export function controlOf(smac: Overrides): Overrides {
  return { learningRate: Number(smac.learningRate) / Number(smac.damping) };
}
