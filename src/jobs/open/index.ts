/** @module jobs/open — what every estimate begins with: an engine, and checks on the first examples. */
export { openEngine } from './engine.js';
export type { EngineRequest } from './engine.js';
export { checkFirstExamples } from './first-examples.js';
export type { OutputSaid } from './first-examples.js';
