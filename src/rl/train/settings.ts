/**
 * @module rl/train/settings
 *
 * Everything that a training run depends on, as plain data: the same settings give the same run, bit for bit, whatever the number of
 * workers. Presets fill them in; a manifest holds them.
 */
import type { Activation } from '../../model/activations.js';
import type { AlgorithmName, OptionValues } from '../algorithms/types.js';
import type { EnvironmentSettings, ModuleIdentity } from '../registration.js';

/** All settings of a training run. */
export interface TrainSettings {
  /** Name of the environment. */
  readonly environment: string;
  /** Where the environment comes from, for one of the user's own: its file by place and text. */
  readonly module?: ModuleIdentity;
  /** Options of the environment other than its own, `maxSteps` among them; left out where there are none. */
  readonly environmentOptions?: EnvironmentSettings;
  /** Which algorithm. */
  readonly algorithm: AlgorithmName;
  /** Environment steps, all environments together; the last segment is whole. */
  readonly steps: number;
  /** Seed of everything that is drawn. */
  readonly seed: number;
  /** Environments stepped together. */
  readonly environments: number;
  /** Steps of each in a segment: one update every `environments × horizon` steps. */
  readonly horizon: number;
  /** γ. */
  readonly discount: number;
  /** λ of the advantages. */
  readonly lambda: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Activation of the hidden layers. */
  readonly activation: Activation;
  /** `none`: advantages are returns to go within the segment (reinforce only). */
  readonly value: 'separate' | 'shared' | 'none';
  /** Continuous actions: log σ at the start, the same in every state. */
  readonly initialLogSigma: number;
  /** Whether observations are shifted and scaled by their running moments. */
  readonly normaliseObservations: boolean;
  /** Whether rewards are divided by the running deviation of returns. */
  readonly normaliseRewards: boolean;
  /** Actions of a Box: `clipped` to it (default), or −1 … 1 `mapped` onto it affinely, then clipped. */
  readonly actions?: 'clipped' | 'mapped';
  /** Look at the policy's Fisher at every so-manieth update (rl/train/fisher-probe). Default: never. */
  readonly trackFisher?: number;
  /** The algorithm's own, all of them. */
  readonly options: OptionValues;
}
