/**
 * @module scale/plan-shape
 *
 * The shape of `tasks.json`: a field that is missing or of another type is named before anything is computed from it.
 */
type Check = (value: unknown) => boolean;

const isText: Check = (x) => typeof x === 'string';
const isNumber: Check = (x) => typeof x === 'number' && Number.isFinite(x) && x >= 0;
const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
const listOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (x) =>
    Array.isArray(x) &&
    x.every((one) => isRecord(one) && Object.keys(fields).every((f) => fields[f](one[f])));
const anything: Check = (x) => x !== undefined;

const FIELDS: Readonly<Record<string, Check>> = {
  kind: isText,
  fim: isText,
  command: (x) => isRecord(x) && isText(x.command),
  how: (x) => x === undefined || isRecord(x),
  line: isText,
  directory: isText,
  files: listOf({ name: isText, path: isText, sha256: isText, beside: (x) => x === undefined || isText(x) }),
  decided: anything,
  attempts: isNumber,
  staleSeconds: isNumber,
  tasks: listOf({ name: isText, seconds: isNumber, input: anything }),
};

/** What is wrong with a value that is to be the contents of `tasks.json` of a format; null: nothing. */
export function planFault(value: unknown, format: number): string | null {
  if (!isRecord(value)) return 'no JSON object';
  if (value.format !== format) return `format ${String(JSON.stringify(value.format))}`;
  const wrong = Object.keys(FIELDS).find((name) => !FIELDS[name](value[name]));
  return wrong === undefined ? null : `no ${wrong} of the kind that it has to be`;
}
