// Writes docs/cli.md from the settings table.   npm run docs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { importSource } from './bundle.mjs';
import { ROOT, ensureInstalled, requireNode } from './tools.mjs';

requireNode();
await ensureInstalled();
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { manualPage } = await importSource('cli/markdown');
mkdirSync(join(ROOT, 'docs'), { recursive: true });
writeFileSync(join(ROOT, 'docs', 'cli.md'), manualPage());
console.error('docs/cli.md written');
