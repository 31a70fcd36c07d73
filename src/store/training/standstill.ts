/**
 * @module store/training/standstill
 *
 * A run that learns nothing because its rewards are large: the critic's error takes the whole of the clipped joint gradient, so that the
 * policy stands still and the values explain nothing. Said once, after five rows of the log in a row.
 */
import { setting } from '../../core/settings/reference.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import type { Row } from '../folder/index.js';

const ROWS = 5;
/** Nats between the policies before and after an update. */
const STILL = 1e-8;
/** Share of the variance of returns that values explain. */
const NOTHING = 0.01;
/** Mean squared error of values from which returns are large. */
const LARGE = 1e4;

export class Standstill {
  private rows = 0;
  private said = false;

  constructor(private readonly settings: Pick<TrainSettings, 'normaliseRewards'>) {}

  /** Takes a row of the log; what is to be said of the run, else null. */
  look({ kl, explained_variance: explained, value_loss: error }: Row): string | null {
    const still =
      typeof kl === 'number' &&
      kl < STILL &&
      typeof explained === 'number' &&
      Math.abs(explained) < NOTHING &&
      typeof error === 'number' &&
      error > LARGE;
    this.rows = still ? this.rows + 1 : 0;
    if (this.said || this.settings.normaliseRewards || this.rows < ROWS) return null;
    this.said = true;
    return `warning: explained variance 0 and KL below ${STILL} in ${ROWS} rows of the log: nothing is learnt. Values err by ${Math.sqrt(error as number).toPrecision(2)}; rewards of this size need ${setting('set', { normaliseRewards: true })}`;
  }
}
