/**
 * @module core/settings/setting
 *
 * A setting as plain data: its kind, what values it takes, its default, its unit and one sentence of help. Options of the command line,
 * options of algorithms and settings of a training run are all of this type; parsing (core/settings/read), phrases (core/settings/words),
 * help, manuals, manifests and forms are made from it.
 */

/** A closed or open range: `min` and `max` belong to it, `above` and `below` do not. */
export interface Range {
  /** Smallest value that is allowed. */
  readonly min?: number;
  /** Largest value that is allowed. */
  readonly max?: number;
  /** The value has to be larger than this. */
  readonly above?: number;
  /** The value has to be smaller than this. */
  readonly below?: number;
}

/** What help, manuals and messages say of a setting, of whatever kind. */
export interface SettingText {
  /** One line, no full stop. */
  readonly help: string;
  /** Further sentences, for a manual. */
  readonly long?: string;
  /** What a number counts, e.g. `draws per example`. */
  readonly unit?: string;
  /** What an absent value means, where that is no fixed value. */
  readonly defaultText?: string;
  /** What stands for a value in help, e.g. `NAME=VALUE`; default: by the kind. */
  readonly metavar?: string;
  /** Where the default comes from. */
  readonly source?: string;
  /** Makes sense only beside these values of another setting; refused where that one is given and differs. */
  readonly onlyWith?:
    | {
        /** The other setting's name. */
        readonly setting: string;
        /** Its values that allow this one. */
        readonly values: readonly string[];
      }
    | undefined;
}

/**
 * `number` 0.5 · `integer` 12 · `fraction` 1/255 or 0.5 · `percent` 2% or 0.02 (the value is 0.02 in both cases) · `bytes` 2GB or 512MiB (the
 * value is a whole number of bytes).
 */
export interface NumericSetting extends SettingText, Range {
  /** How it is written and read. */
  readonly kind: 'number' | 'integer' | 'fraction' | 'percent' | 'bytes';
  /** Words that may stand in place of a number, e.g. `auto`. */
  readonly words?: readonly string[];
  /** The value where nothing is said. */
  readonly default?: number;
}

/** `list` of words; `integers`; `numbers`, of which one is a number. */
export interface ListSetting extends SettingText, Range {
  /** How it is written and read. */
  readonly kind: 'list' | 'integers' | 'numbers';
  /** The value where nothing is said. */
  readonly default?: readonly string[] | readonly number[];
}

/** A word, or the path of a file that may have to end in one of `extensions`. */
export interface TextSetting extends SettingText {
  /** Text, or the path of a file. */
  readonly kind: 'string' | 'path';
  /** The value where nothing is said. */
  readonly default?: string;
  /** Endings that a path may have. */
  readonly extensions?: readonly string[];
}

/** One of several words. */
export interface ChoiceSetting extends SettingText {
  /** `choice`. */
  readonly kind: 'choice';
  /** The words. */
  /** The words. */
  readonly choices: readonly string[];
  /** Other spellings of a choice, e.g. `mc` for `type1`. */
  readonly choiceAliases?: Readonly<Record<string, string>>;
  /** The value where nothing is said. */
  readonly default?: string;
}

/** True or false; absent is false unless a default says otherwise. */
export interface BooleanSetting extends SettingText {
  /** `boolean`. */
  readonly kind: 'boolean';
  /** The value where nothing is said. */
  readonly default?: boolean;
}

/** A setting without its name: the key of a table, or the `name` beside it. */
export type Setting = NumericSetting | ListSetting | TextSetting | ChoiceSetting | BooleanSetting;

/** A setting with its name in camelCase, as a TypeScript user writes it. */
export type NamedSetting<S extends Setting = Setting> = S & {
  /** Its name. */
  readonly name: string;
};

/** Everything that a setting's value can be. */
export type SettingValue = string | number | boolean | readonly string[] | readonly number[];

/** The TypeScript type of a setting's value. */
export type ValueOf<S> = S extends { kind: 'boolean' }
  ? boolean
  : S extends { kind: 'choice'; choices: readonly (infer V)[] }
    ? V
    : S extends { kind: 'list' }
      ? readonly string[]
      : S extends { kind: 'integers' }
        ? readonly number[]
        : S extends { kind: 'numbers' }
          ? number | readonly number[]
          : S extends { kind: 'string' | 'path' }
            ? string
            : S extends { words: readonly (infer W)[] }
              ? number | W
              : number;

/** With defaults filled in: switches and settings with a default are always there; a list that was not given is empty. */
export type FilledOf<S> = S extends { kind: 'boolean' | 'list' } | { default: unknown }
  ? ValueOf<S>
  : ValueOf<S> | undefined;
