/**
 * @module run/rank1/tuned
 *
 * The configurations that `fim reproduce rank1 --preset tune` chose: docs/reproduce/rank1/tuning.json. An environment that is not there
 * runs with presets.
 */
import type { Tuning } from './tuning.js';

export const TUNING: Tuning = { seeds: [1000, 1001], environments: {} };
