/**
 * @module studies/commands/roots
 *
 * `npm run study -- roots`: the label variance that roots of random signs leave. Networks that are done are points, and an interrupted
 * run goes on after them.
 */
import type { ExitCode } from 'fim/core';
import { createEngine } from 'fim/engine';
import { csvTable, yielding } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { Points } from 'fim/store';
import type { StudyContext } from '../face/context.js';
import { fillFolder } from '../face/fill.js';
import { rootsPage } from '../report/roots.js';
import { type RootRow, rootSteps } from '../roots/roots.js';

const COLUMNS = [
  ...(['network', 'outputs', 'certainty', 'one', 'two', 'auto', 'pairs'] as const),
  ...(['kernelOne', 'kernelTwo', 'error', 'seconds'] as const),
];

export async function reproduceRoots(context: StudyContext): Promise<ExitCode> {
  const { options, line, version } = context;
  const folder = options.run ?? 'runs/roots';
  const points = new Points(folder, { study: 'roots', quick: options.quick });
  const made = await createEngine({ engine: 'small', threads: 1 });
  const engine = yielding(made.engine);
  try {
    return await fillFolder(context, folder, async (hooks) => {
      const steps = rootSteps(engine, () => context.now(), options.quick);
      const rows: RootRow[] = [];
      for (const { key, run } of steps) {
        const row = await points.get(key.replace(/[^\w]+/g, '-'), () => run(hooks.signal) as Promise<never>);
        if (row === null || hooks.signal?.aborted) return null;
        rows.push(row);
        hooks.onProgress?.(rows.length / steps.length, key);
      }
      const files = studyFiles(rootsPage(rows, `Made by fim ${version}: ${line}`));
      files.set(
        'roots.csv',
        csvTable(
          COLUMNS,
          rows.map((row) => COLUMNS.map((name) => row[name])),
        ),
      );
      files.set('summary.json', `${JSON.stringify({ command: line, rows }, null, 1)}\n`);
      return { files, reason: 'the small engine, one thread' };
    });
  } finally {
    engine.dispose();
  }
}
