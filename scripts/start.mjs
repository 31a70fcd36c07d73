// `npm start`: installs what is missing, builds what changed, runs the demo. Further arguments go to the demo.
import { build } from './build.mjs';
import { ensureInstalled, node, requireNode } from './tools.mjs';

requireNode();
await ensureInstalled();
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// The demo deals with Ctrl-C itself; this process only waits for it.
process.on('SIGINT', () => {});
const { code } = await node(['dist/cli/main.js', 'demo', ...process.argv.slice(2)], { show: true });
process.exitCode = code;
