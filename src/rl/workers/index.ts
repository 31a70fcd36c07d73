/** @module rl/workers — environments over worker threads of Node, and modules of the user's that register environments. */
export { overWorkers } from './pool.js';
export { importModule, registerExport, useModule } from './user-module.js';
export type { ExportDetails } from './user-module.js';
