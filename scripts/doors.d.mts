/** Every door of the package with the source that it is made from. */
export function doorsOf(manifest: unknown): { door: string; file: string }[];
