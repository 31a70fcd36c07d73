/**
 * @module store/folder
 *
 * Run folders: logs, checkpoints, resuming.
 */
export { FILES, openRunFolder, readResult, readRunFolder, RunFolder } from './folder.js';
export type { RunDescription, RunState, Saving } from './folder.js';
export { packCheckpoint, readCheckpoint, unpackCheckpoint } from './checkpoint.js';
export type { Checkpoint, CheckpointHeader, StateArray, StateArrays } from './checkpoint.js';
export { requireSame } from './identity.js';
export type { RunIdentity } from './identity.js';
export type { Build, RunManifest } from './manifest.js';
export { CsvLog, printCell } from './csv-log.js';
export type { Cell, Row } from './csv-log.js';
export { EVENT_FILE, EventFile } from './event-file.js';
export type { Scalars } from './event-record.js';
