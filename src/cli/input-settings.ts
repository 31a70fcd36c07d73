/**
 * @module cli/input-settings
 *
 * Flags that say how the inputs of a file are read, NAME=VALUE each, as the settings of `openNetwork`.
 */
import { FimError } from '../core/errors.js';
import type { InputSettings } from '../model/inputs-said.js';

/** `--batch-axis`, `--input-shape` and `--constant` as they were given. */
export interface InputFlags {
  readonly batchAxis: readonly string[];
  readonly inputShape: readonly string[];
  readonly constant: readonly string[];
}

/** Throws `usage/input`. */
export function inputSettings({ batchAxis, inputShape, constant }: InputFlags): InputSettings {
  return {
    batchAxis: pairs('--batch-axis', batchAxis, 'AXIS', whole),
    inputShape: pairs('--input-shape', inputShape, 'N,3,48,320', (text) => text),
    constant: pairs('--constant', constant, 'VALUE', number),
  };
}

const number = (text: string): number | null =>
  text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text);

const whole = (text: string): number | null => {
  const n = number(text);
  return n !== null && Number.isInteger(n) ? n : null;
};

/** A name may hold `=`; a value does not. */
function pairs<T>(
  flag: string,
  given: readonly string[],
  metavar: string,
  parse: (text: string) => T | null,
): Record<string, T> {
  const out = Object.create(null) as Record<string, T>;
  for (const pair of joinedShapes(given)) {
    const at = pair.lastIndexOf('=');
    const value = at > 0 ? parse(pair.slice(at + 1)) : null;
    if (value === null || value === '') {
      throw new FimError({
        code: 'usage/input',
        kind: 'usage',
        where: `${flag} ${pair}`,
        rule: `is NAME=${metavar}`,
        got: pair,
        next: `${flag} ${at > 0 ? pair.slice(0, at) : 'x'}=${metavar === 'AXIS' ? '1' : metavar === 'VALUE' ? '16000' : metavar}`,
      });
    }
    out[pair.slice(0, at)] = value;
  }
  return out;
}

/** A list is split at commas, which shapes have too: what holds no `=` belongs to what came before. */
function joinedShapes(given: readonly string[]): string[] {
  const out: string[] = [];
  for (const part of given) {
    if (part.includes('=') || out.length === 0) out.push(part);
    else out[out.length - 1] += `,${part}`;
  }
  return out;
}
