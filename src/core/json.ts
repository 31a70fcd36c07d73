/**
 * @module core/json
 *
 * JSON in which no object has a key twice: JSON.parse keeps the last one in silence, other readers the first, so that two programs would
 * read two things in one file.
 */

/** Deepest nesting: what goes through a value by its members has a stack that ends. */
const DEEPEST = 500;

/** The value of a text. Throws SyntaxError for what is no JSON, for a key that stands twice in one object, and for values nested too deep. */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  const twice = keyTwice(text);
  if (twice !== null) throw new SyntaxError(`the key ${JSON.stringify(twice)} stands twice`);
  return value;
}

/** A key that stands twice in one object of a valid text, else null. Throws SyntaxError for values nested too deep. Cost: one pass over the text. */
function keyTwice(text: string): string | null {
  // Of each open object its keys, of each open list null.
  const open: (Set<string> | null)[] = [];
  let key = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '{' || c === '[') open.push(c === '{' ? new Set() : null);
    if (open.length > DEEPEST) throw new SyntaxError(`values nest more than ${DEEPEST} deep`);
    if (c === '}' || c === ']') open.pop();
    if (c === '{' || c === ',') key = open.at(-1) instanceof Set;
    if (c !== '"') continue;
    const end = endOfString(text, at);
    const keys = open.at(-1);
    if (key && keys) {
      const name = JSON.parse(text.slice(at, end + 1)) as string;
      if (keys.has(name)) return name;
      keys.add(name);
    }
    key = false;
    at = end;
  }
  return null;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
