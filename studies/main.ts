/**
 * @module studies/main
 *
 * The process around one study: `npm run study -- NAME [options]`.
 */
import process from 'node:process';
import { runStudy } from './commands/index.js';
import { processSurroundings } from './face/context.js';

const around = processSurroundings();
process.exitCode = await runStudy(process.argv.slice(2), around);
around.release();
