/**
 * @module model/metadata
 *
 * Metadata that fim writes into an ONNX file about the network: its likelihood with settings, and which tensors are parameters.
 */
import { parseJson } from '../core/json.js';
import type { LikelihoodOptions } from '../likelihood/types.js';

/** What fim writes into a file about the network. */
export interface NetworkMetadata {
  /** Name of the likelihood. */
  readonly likelihood: string;
  /** Its settings. */
  readonly options: LikelihoodOptions;
  /** `canonical` where h is the natural parameter, links included; else the coordinates that the head declares. */
  readonly link?: string;
  /** Names of the tensors that are parameters. */
  readonly parameters: readonly string[];
  /** Names of the input's columns, where the network was trained on a table. */
  readonly columns?: readonly string[];
  /** Names of the classes, in the order of the outputs. */
  readonly classes?: readonly string[];
}

const KEY = 'fim';

/** Key and value pairs for `exportModel`. */
export function writeMetadata(metadata: NetworkMetadata): Record<string, string> {
  return { [KEY]: JSON.stringify(metadata) };
}

/** The metadata, or null where fim did not write the file or it cannot be read. */
export function readMetadata(pairs: Readonly<Record<string, string>>): NetworkMetadata | null {
  try {
    const parsed = parseJson(pairs[KEY] ?? 'null') as Partial<NetworkMetadata> | null;
    if (!parsed || typeof parsed.likelihood !== 'string' || !Array.isArray(parsed.parameters)) return null;
    const { likelihood, options = {}, link = 'canonical', parameters, columns, classes } = parsed;
    return {
      likelihood,
      options,
      link,
      parameters,
      ...(areNames(columns) ? { columns } : {}),
      ...(areNames(classes) ? { classes } : {}),
    };
  } catch {
    return null;
  }
}

const areNames = (x: unknown): x is readonly string[] =>
  Array.isArray(x) && x.every((name) => typeof name === 'string');
