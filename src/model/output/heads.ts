/**
 * @module model/output/heads
 *
 * Joins outputs of a file into one head, [N, T1 + T2 + …], side by side in the order they are named. `--output mu,logvar` names
 * them. Under `gaussian-mv` a head is means and scales, so one output alone may be half of it: its partner is the other
 * floating-point output whose name says scale, or the only one of the same width that shares its trunk; the two are joined and said,
 * or, where either order is possible, refused with the line that joins. `--output-order` says that one output holds both.
 */
import { FimError } from '../../core/errors.js';
import { setting, settings } from '../../core/settings/reference.js';
import { isFloat } from '../../core/tensor.js';
import { nodesOf } from '../../graph/derive.js';
import { isBatch } from '../../graph/dims.js';
import type { Value } from '../../graph/value.js';
import type { ImportedModel } from '../../graph/onnx/import/model.js';
import type { OutputInfo } from '../../graph/onnx/import/options.js';
import { type HeadMeaning, meaningOf } from './head-names.js';
import type { FamilyName } from '../../likelihood/registry.js';

export interface Heads {
  /** Outputs or inner values of the file, in the order of the columns. */
  readonly names: readonly string[];
  /** The link of `gaussian-mv` that the scale's name says; null where it says none. */
  readonly link: string | null;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export interface HeadsAsked {
  readonly likelihood: FamilyName;
  readonly link?: string | undefined;
  /** Said: one output holds means and scales. */
  readonly whole: boolean;
}

/** The values that `text` names: one of that very name, else several between commas; null where one of them is none. */
export function namesIn(model: ImportedModel, text: string): string[] | null {
  const known = (name: string) => model.outputs.some((o) => o.name === name) || model.source.makers.has(name);
  if (known(text)) return [text];
  const names = text.split(',').map((name) => name.trim());
  return names.every(known) ? names : null;
}

/** The outputs that go together with `names`. Throws `onnx/heads`. */
export function headsOf(model: ImportedModel, names: readonly string[], asked: HeadsAsked): Heads {
  const { likelihood } = asked;
  if (names.length > 1 && likelihood === 'categorical') throw severalChoices(names);
  if (likelihood !== 'gaussian-mv') {
    const notes = names.length > 1 ? [`outputs ${quoted(names)} are joined side by side`] : [];
    return { names, link: null, notes: [...notes, ...asides(model, names, likelihood)], warnings: [] };
  }
  if (names.length > 2 || (names.length === 2 && asked.whole)) throw notAPair(names, asked.whole);
  const pair = names.length === 2 ? [...names] : asked.whole ? [] : withPartner(model, names[0]);
  if (pair.length === 0) return { names, link: null, notes: asides(model, names, likelihood), warnings: [] };
  const [mean, scale] = pair;
  const said = meaningOf(scale);
  if (said === 'mean' || (said === null && isScale(meaningOf(mean)))) throw reversed(pair);
  const guessed = meaningOf(mean) !== 'mean' || said === null;
  const joined = `outputs ${quoted(pair)} are joined: means, then scales`;
  return {
    names: pair,
    link: asked.link === undefined ? said : null,
    notes: [
      ...(names.length === 2 || !guessed ? [joined] : []),
      ...(asked.link === undefined && said !== null
        ? [`link ${said}: by the name of output "${scale}"; ${setting('link')} says otherwise`]
        : []),
      ...asides(model, pair, likelihood),
    ],
    warnings: [
      ...(names.length === 1 && guessed
        ? [
            `${joined}, for they are alike and share their trunk; ${setting('outputOrder', 'blocks')} if "${mean}" alone holds both`,
          ]
        : []),
      ...(asked.link !== undefined && said !== null && said !== asked.link
        ? [
            `output "${scale}" is named like ${setting('link', said)}, and is read as ${setting('link', asked.link)}`,
          ]
        : []),
    ],
  };
}

/** `mu,logvar` where two outputs of a file make one head of `gaussian-mv`; null where none do. */
export function joinHint(model: ImportedModel, likelihood: FamilyName): string | null {
  if (likelihood !== 'gaussian-mv') return null;
  const floats = model.outputs.filter((o) => o.float).map((o) => o.name);
  const scale = floats.find((n) => isScale(meaningOf(n))) ?? floats[1];
  const mean = floats.find((n) => meaningOf(n) === 'mean') ?? floats.find((n) => n !== scale);
  return mean === undefined || scale === undefined ? null : `${mean},${scale}`;
}

const isScale = (m: HeadMeaning | null): boolean => m !== null && m !== 'mean';

/** [mean, scale] around one output; [] where it stands alone. */
function withPartner(model: ImportedModel, name: string): string[] {
  const own = model.outputs.find((o) => o.name === name);
  if (!own) return [];
  const value = model.value(name);
  const width = widthOf(value);
  const others = model.outputs.filter((o) => o.float && o.name !== name);
  const readable = others.flatMap((o) => {
    const v = valueOf(model, o);
    return v === null ? [] : [{ name: o.name, value: v, width: widthOf(v), says: meaningOf(o.name) }];
  });
  const says = meaningOf(name);
  if (isScale(says)) {
    const means = readable.filter((o) => o.width === width || width === 1);
    if (means.length > 0) throw half(name, [(means.find((o) => o.says === 'mean') ?? means[0]).name, name]);
    return [];
  }
  const scales = readable.filter((o) => (o.width === width || o.width === 1) && isScale(o.says));
  if (says === 'mean' && scales.length === 1) return [name, scales[0].name];
  if (says === 'mean' && scales.length > 1) throw half(name, [name, scales[0].name]);
  const alike = readable.filter((o) => o.width === width && o.says === null && sharesTrunk(value, o.value));
  if (says === null && scales.length === 1 && alike.length === 0) return [name, scales[0].name];
  const index = (n: string) => model.outputs.findIndex((o) => o.name === n);
  if (alike.length === 1 && scales.length === 0 && index(name) < index(alike[0].name)) {
    return [name, alike[0].name];
  }
  const odd = width === null || width % 2 === 1;
  const partner = scales[0] ?? alike[0] ?? (odd ? readable[0] : undefined);
  if (partner) throw half(name, [name, partner.name]);
  return [];
}

/** The value of an output that can be read and is floating point, else null. */
function valueOf(model: ImportedModel, { name }: OutputInfo): Value | null {
  try {
    const v = model.value(name);
    return isFloat(v.dtype) && v.shape.length > 0 && isBatch(v.shape[0]) ? v : null;
  } catch (error) {
    if (error instanceof FimError) return null;
    throw error;
  }
}

/** Numbers of one example; null where the batch is not the first axis. */
function widthOf({ shape }: Value): number | null {
  const [first, ...rest] = shape;
  if (first === undefined || !isBatch(first) || rest.some(isBatch)) return null;
  return (rest as number[]).reduce((p, d) => p * d, first.batch);
}

function sharesTrunk(a: Value, b: Value): boolean {
  const nodes = new Set(nodesOf([a]));
  return nodesOf([b]).some((node) => nodes.has(node));
}

/** What the file also outputs, and what to do about it. */
function asides(model: ImportedModel, names: readonly string[], likelihood: FamilyName): string[] {
  const rest = model.outputs.filter((o) => o.float && !names.includes(o.name)).map((o) => o.name);
  if (rest.length === 0 || !names.some((n) => model.outputs.some((o) => o.name === n))) return [];
  const mean = likelihood === 'gaussian' && names.length === 1 && meaningOf(names[0]) === 'mean';
  const scale = mean ? rest.find((n) => isScale(meaningOf(n))) : undefined;
  if (scale !== undefined) {
    return [
      `output "${scale}" is left aside, ${setting('variance')} stands in its place; ${settings({ likelihood: 'gaussian-mv', output: `${names[0]},${scale}` })} takes both`,
    ];
  }
  const choices = likelihood === 'categorical' || likelihood === 'bernoulli';
  const sum = choices ? '; the Fisher of heads that are independent given x is the sum of theirs' : '';
  return [`left aside: output${rest.length > 1 ? 's' : ''} ${quoted(rest)}${sum}`];
}

const quoted = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ');

function half(name: string, pair: readonly string[]): FimError {
  return new FimError({
    code: 'onnx/heads',
    where: `output "${name}"`,
    rule: 'under gaussian-mv a head is means and scales, and this may be half of one',
    got: `"${name}" alone, beside ${quoted(pair.filter((n) => n !== name))}`,
    cause: 'the network gives means and scales as two outputs',
    next: `${setting('output', pair.join(','))}, or ${setting('outputOrder', 'blocks')} if "${name}" alone holds both`,
  });
}

function reversed([mean, scale]: readonly string[]): FimError {
  return new FimError({
    code: 'onnx/heads',
    kind: 'usage',
    where: setting('output', `${mean},${scale}`),
    rule: 'names the means first, then the scales',
    got: `"${mean}", then "${scale}"`,
    next: setting('output', `${scale},${mean}`),
  });
}

function notAPair(names: readonly string[], whole: boolean): FimError {
  return new FimError({
    code: 'onnx/heads',
    kind: 'usage',
    where: setting('output', names.join(',')),
    rule: whole
      ? 'joins means and scales; `outputOrder` is for one output that holds both'
      : 'under gaussian-mv names the means and the scales: one output, or two',
    got: whole ? 'two outputs and `outputOrder`' : `${names.length} outputs`,
    next: whole ? 'leave `outputOrder` out' : setting('output', names.slice(0, 2).join(',')),
  });
}

function severalChoices(names: readonly string[]): FimError {
  return new FimError({
    code: 'onnx/heads',
    kind: 'usage',
    where: setting('output', names.join(',')),
    rule: 'a categorical head is one choice; logits of several side by side would be one choice among all of them',
    got: `${names.length} outputs`,
    next: `${setting('output', names[0])}, then each other one: the Fisher of heads that are independent given x is the sum of theirs`,
  });
}
