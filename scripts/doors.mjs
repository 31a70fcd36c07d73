// The public doors of the package, read off package.json: what is imported as, and the source that it is.
import { join } from 'node:path';
import { ROOT } from './tools.mjs';

/** The source of a built file: `./dist/index.d.ts` is src/index.ts. */
const sourceOf = (types) => join(ROOT, types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts'));

/** The first `types` of an entry of package.json's exports, whatever conditions it stands under. */
function typesOf(entry) {
  if (entry === null || typeof entry !== 'object') return null;
  if (typeof entry.types === 'string') return entry.types;
  for (const inner of Object.values(entry)) {
    const found = typesOf(inner);
    if (found) return found;
  }
  return null;
}

/** `{ door: 'fim/fisher', file }` of every export that has types, in package.json's order. */
export function doorsOf(manifest) {
  return Object.entries(manifest.exports).flatMap(([path, entry]) => {
    const types = typesOf(entry);
    return types ? [{ door: path.replace(/^\./, manifest.name), file: sourceOf(types) }] : [];
  });
}
