/**
 * @module test/fuzz/outcome
 *
 * A reader's answers to many damaged files: each is a complaint of fim or a value, within ten seconds and a bound of memory.
 */
import { expect } from 'vitest';
import { FimError } from '../../src/core/errors.js';
import { Draws } from './mutate.js';

/** Cases of a format. */
export const CASES = 2000;
const LONGEST_SECONDS = 10;
const MOST_BYTES = 512 * 2 ** 20;

export const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

/** Processor time, which other processes of the machine do not lengthen; what waits for ever meets the limit of the test. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Why the answer is none that fim may give; null for a complaint of the input. */
function fault(error: unknown): string | null {
  if (!(error instanceof FimError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error.kind === 'internal') return error.message;
  return CONTROL.test(error.message) ? `a raw control character: ${JSON.stringify(error.message)}` : null;
}

/** The first faults of a reader over the cases of a seed, by their index, and how many were read and refused. */
export async function outcomes(
  seed: number,
  name: string,
  read: (s: Draws) => unknown,
  cases = CASES,
): Promise<{ faults: string[]; read: number; refused: number }> {
  const found = { faults: [] as string[], read: 0, refused: 0 };
  const before = process.resourceUsage().maxRSS;
  for (let index = 0; index < cases && found.faults.length < 5; index++) {
    const start = cpuSeconds();
    try {
      await read(new Draws(seed, `${name} ${index}`));
      found.read++;
    } catch (error) {
      const said = fault(error);
      if (said !== null) found.faults.push(`${index}: ${said}`);
      else found.refused++;
    }
    if (cpuSeconds() - start > LONGEST_SECONDS) found.faults.push(`${index}: more than ten seconds`);
  }
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  if (grown > MOST_BYTES) found.faults.push(`${grown} bytes more at the peak`);
  return found;
}

/** No fault, and neither all read nor all refused. */
export async function expectSound(
  seed: number,
  name: string,
  read: (s: Draws) => unknown,
  cases = CASES,
): Promise<void> {
  const { faults, ...counts } = await outcomes(seed, name, read, cases);
  expect(faults).toEqual([]);
  expect(counts.read, 'read').toBeGreaterThan(0);
  expect(counts.refused, 'refused').toBeGreaterThan(0);
}
