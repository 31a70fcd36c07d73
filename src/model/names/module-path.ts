/**
 * @module model/names/module-path
 *
 * Module paths: of a parameter's name (`encoder.0.fc.weight` is the leaf `weight` of `encoder.0.fc`), and of the name that an exporter
 * gave a node (`/encoder/encoder.0/fc/MatMul` was made inside `encoder.0.fc`, `/fc_1/MatMul` by the second call of `fc`).
 * Sources: torch.onnx (scope names since 1.13, where a numbered child repeats its parent), tf2onnx (`model/dense/MatMul`).
 */

/** A name split into its module and what it is called there. */
export interface ParameterName {
  readonly module: string;
  readonly leaf: string;
}

/** `a.b.weight`, `a/b/kernel:0`; a parametrisation (`fc.parametrizations.weight.original0`) belongs to the module it is registered on. */
export function splitName(name: string): ParameterName {
  const parts = name.replace(/:0$/, '').split(/[./]/);
  const at = parts.indexOf('parametrizations');
  if (at >= 0 && parts.length === at + 3) {
    return { module: parts.slice(0, at).join('.'), leaf: `${parts[at + 1]}.${parts[at + 2]}` };
  }
  return { module: parts.slice(0, -1).join('.'), leaf: parts[parts.length - 1] };
}

/** Whether a leaf names what is added to a product or a normalised value. */
export const isBiasLeaf = (leaf: string): boolean => /^(b|beta|bias|.*[._]bias|bias[._].*)$/i.test(leaf);

/** Whether a leaf is what frameworks call an elementwise factor. */
export const isScaleLeaf = (leaf: string): boolean => /^(weight|gamma|scale|g|w)$/i.test(leaf);

/**
 * The module paths that a node's name may stand for, likeliest first; none where the name says nothing (`MatMul_12`). The root module is
 * the empty path.
 */
export function modulesOfNode(nodeName: string): string[] {
  const parts = nodeName.split('/');
  if (parts.length < 2) return [];
  const scopes = parts.slice(parts[0] === '' ? 1 : 0, -1);
  const joined: string[] = [];
  for (const scope of scopes) {
    const parent = joined[joined.length - 1];
    if (parent !== undefined && scope.startsWith(`${parent}.`)) joined[joined.length - 1] = scope;
    else joined.push(scope);
  }
  const path = joined.join('.');
  const called = joined.map((s) => s.replace(/_\d+$/, ''));
  const plain: string[] = [];
  // A second call is numbered at each scope, so parents must be compared without the numbers too.
  for (const scope of called) {
    const parent = plain[plain.length - 1];
    if (parent !== undefined && scope.startsWith(`${parent}.`)) plain[plain.length - 1] = scope;
    else plain.push(scope);
  }
  const once = plain.join('.');
  return once === path ? [path] : [path, once];
}

/**
 * Whether a module of the file of names may be the one that a node's scopes name: the same, or the same with containers in between or
 * before that are never called (`blocks.0.fc` for `/blocks.0/fc`, `net.fc` for `/fc`), or without a wrapper's name before it.
 */
export function sameModule(module: string, path: string): 'same' | 'longer' | 'shorter' | null {
  if (module === path) return 'same';
  if (module === '' || path === '') return null;
  const [long, short] = [module.split('.'), path.split('.')];
  if (endsAndContains(long, short)) return 'longer';
  return endsAndContains(short, long) && path.endsWith(`.${module}`) ? 'shorter' : null;
}

/** `short` is a subsequence of `long`, and both end alike. */
function endsAndContains(long: readonly string[], short: readonly string[]): boolean {
  if (long[long.length - 1] !== short[short.length - 1] || short.length > long.length) return false;
  let at = 0;
  for (const part of long) if (part === short[at]) at++;
  return at === short.length;
}
