/**
 * @module cli/values
 *
 * One option's value from its text, read by core/settings/read; what that refuses is said of the flag, with the line to try.
 */
import { FimError } from '../core/errors.js';
import { readSetting } from '../core/settings/read.js';
import type { Setting, SettingValue } from '../core/settings/setting.js';
import { flagOf } from './flags.js';

/** Where an option stands, for messages. */
export interface Place {
  readonly command: string;
  readonly option: string;
  readonly flag: string;
}

/**
 * The value of `setting` written as `text`.
 *
 * @throws FimError `usage/value` where the text does not fit the setting's kind, range, choices or file endings.
 */
export function readValue(setting: Setting, text: string, place: Place): SettingValue {
  const read = readSetting(setting, text);
  if ('value' in read) return read.value;
  const { command, flag, option } = place;
  const toggle = setting.kind === 'boolean';
  const line = toggle ? flag : read.meant === undefined ? undefined : `${flag} ${read.meant}`;
  throw new FimError({
    code: 'usage/value',
    kind: 'usage',
    where: `fim ${command} ${flag}`,
    rule: toggle ? 'is a switch and takes no value' : read.rule,
    got: text === '' ? 'nothing' : text,
    next: line ?? (option === 'weights' ? fromCheckpoint(text) : undefined) ?? `fim ${command} --help`,
  });
}

/** The line that makes a .safetensors file of a checkpoint of torch.save; undefined for any other file. */
function fromCheckpoint(path: string): string | undefined {
  const match = /^(.*)\.(pt|pth|ckpt|bin)$/i.exec(path);
  if (!match || /['"`$\\]/.test(path)) return undefined;
  return `python3 -c "import torch; from safetensors.torch import save_file; m = torch.load('${path}', map_location='cpu'); save_file({k: v.clone().contiguous() for k, v in getattr(m, 'state_dict', lambda: m)().items()}, '${match[1]}.safetensors')"`;
}

/** A flag as it is typed, from the option's key. */
export function placeOf(command: string, option: string): Place {
  return { command, option, flag: flagOf(option) };
}
