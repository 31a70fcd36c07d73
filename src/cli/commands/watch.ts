/**
 * @module cli/commands/watch
 *
 * `fim watch ENV [--policy FILE] [--frames DIR]`: an episode as one self-contained page, and as PNG files.
 */
import { quote } from '../../core/shell.js';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { writeAtomic } from '../../disk/files.js';
import { exists, isFolder, makeFolder } from '../../disk/paths.js';
import {
  loadRasteriser,
  loadThree,
  pictures,
  playNetwork,
  playRandom,
  type Rasterise,
  recordEpisode,
  type Recording,
  watchPage,
} from '../../rl/index.js';
import type { Context, Run } from '../command.js';
import { changedSince, environmentId } from '../environment.js';
import { environmentOptions, openEnvironment } from '../environment-options.js';
import { checkOutputs } from '../outputs.js';
import { policyPath, readPolicy } from '../policy-file.js';
import { startProgress } from '../terminal/live.js';

export const run: Run<'watch'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const { policy, frames, seed } = options;
  const id = await environmentId(positionals.env);
  const path = options.out ?? `${id}.html`;
  const changed = policy === undefined ? null : changedSince(policyPath(policy), id);
  if (changed !== null) io.stderr.write(`note: ${changed}\n`);
  // What can fail for want of a folder or a package fails before anything is played.
  checkOutputs({ '--out': path }, { '--policy': policy });
  if (frames !== undefined) checkFolder(frames);
  const rasterise = frames === undefined ? null : await loadRasteriser();
  const env = await openEnvironment(id, environmentOptions(options));
  let recording: Recording;
  try {
    const act =
      policy === undefined
        ? playRandom(env.actionSpace, seed)
        : playNetwork(readPolicy(policy, env.actionSpace).network, env);
    recording = recordEpisode(env, act, { seed });
  } finally {
    env.close();
  }
  const three = recording.scene ? await loadThree() : null;
  if (frames !== undefined) checkStale(frames, recording.rewards.length);
  writeAtomic(path, new TextEncoder().encode(watchPage(recording, three)));
  const written = rasterise ? await writeFrames(recording, frames as string, rasterise, context) : 0;
  const { rewards, end } = recording;
  const total = rewards.reduce((a, b) => a + b, 0);
  const steps = rewards.length;
  if (options.json) {
    const made = { page: path, frames: frames === undefined ? null : { folder: frames, count: written } };
    io.stdout.write(
      `${JSON.stringify({ env: id, policy: policy ?? null, seed, steps, return: total, end, ...made })}\n`,
    );
  } else {
    io.stdout.write(`${path}: ${steps} steps, return ${Number(total.toPrecision(6))}, ${end}\n`);
    if (frames !== undefined) io.stdout.write(`${frames}: ${written} frames\n`);
  }
  return signal.aborted ? 130 : 0;
};

/** The picture after step k; 0 is the start. */
const frameName = (k: number): string => `frame-${String(k).padStart(4, '0')}.png`;

/** Writes one PNG for the start and one for each step; ends early at an interrupt. Gives their number. */
async function writeFrames(
  recording: Recording,
  folder: string,
  rasterise: Rasterise,
  { io, options, signal }: Context<'watch'>,
): Promise<number> {
  makeFolder(folder);
  const all = recording.rewards.length + 1;
  const progress = startProgress(io, 'frames', options.quiet);
  let written = 0;
  try {
    for (const svg of pictures(recording)) {
      writeAtomic(join(folder, frameName(written)), rasterise(svg));
      written++;
      progress.update(written / all, `${written} of ${all}`);
      // The rest of the program gets its turn, an interrupt among it.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) break;
    }
  } finally {
    progress.end();
  }
  return written;
}

function checkFolder(folder: string): void {
  if (!exists(folder)) checkOutputs({ '--frames': folder });
  else if (!isFolder(folder)) {
    throw new FimError({
      code: 'output/no-folder',
      where: `--frames ${folder}`,
      rule: 'names a folder',
      got: 'a file',
      next: `--frames ${quote(`${basename(folder)}-frames`)}`,
    });
  }
}

/** Frames of a longer episode would stand behind this one's, and be taken for its end. */
function checkStale(folder: string, steps: number): void {
  if (!exists(folder)) return;
  const numbers = readdirSync(folder).flatMap((name) => {
    const [, digits] = /^frame-(\d{4,})\.png$/.exec(name) ?? [];
    return digits !== undefined && Number(digits) > steps ? [Number(digits)] : [];
  });
  if (numbers.length === 0) return;
  throw new FimError({
    code: 'output/frames',
    kind: 'usage',
    where: `--frames ${folder}`,
    rule: `holds no frames beyond this episode's last, ${frameName(steps)}`,
    got: `${numbers.length} of another episode, up to ${frameName(Math.max(...numbers))}`,
    next: 'name another folder, or remove them',
  });
}
