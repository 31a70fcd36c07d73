/**
 * Makes `src/stats/aggregate/coverage-table.ts`: the measured coverage of 95 % bootstrap intervals over seeds, by simulation.
 * Takes about a quarter of an hour. Usage: npx vite-node bench/coverage-table.ts
 */
import { writeFileSync } from 'node:fs';
import { simulateCoverage } from '../src/stats/aggregate/measured-coverage.js';

const STATISTICS = ['mean', 'median', 'iqm', 'gap', 'profile', 'improvement'] as const;
const ENVIRONMENTS = [1, 2, 3, 4, 5, 9];
const SEEDS = [3, 4, 5, 6, 8, 10, 20];

const lines = STATISTICS.map((name) => {
  const rows = ENVIRONMENTS.map((environments) => {
    const cells = SEEDS.map((seeds) => `${seeds}: ${simulateCoverage(name, seeds, environments)}`);
    console.log(name, environments, cells.join(', '));
    return `    ${environments}: { ${cells.join(', ')} },\n`;
  });
  return `  ${name}: {\n${rows.join('')}  },\n`;
});
writeFileSync(
  new URL('../src/stats/aggregate/coverage-table.ts', import.meta.url),
  `/**
 * @module stats/aggregate/coverage-table
 *
 * Measured coverage of 95 % bootstrap intervals over seeds: [statistic][environments][seeds], 4,000 normal samples each (standard
 * error 0.003 to 0.006). Made by \`npx vite-node bench/coverage-table.ts\`.
 */
import type { StatisticName } from './statistics.js';

type Cells = Readonly<Record<number, Readonly<Record<number, number>>>>;

export const COVERAGE_TABLE: Readonly<Record<StatisticName, Cells>> = {
${lines.join('')}};
`,
);
