/**
 * @module cli/submit/kubernetes
 *
 * An Indexed Job of Kubernetes over a folder of tasks, as plain data and as YAML: each index does a chunk, on a volume that all share. A
 * pod that is evicted is replaced and does not count; one whose chunk fails is tried twice more and stops no other.
 * kubernetes.io/docs: Job, batch/v1.
 */
import { basename } from 'node:path';
import type { TaskFolder } from '../../scale/folder.js';
import type { Chunks } from './chunks.js';

/** What a job needs beside the tasks. */
export interface KubernetesOptions {
  /** Container image that has fim. */
  readonly image: string;
  /** PersistentVolumeClaim that holds the folder. */
  readonly volume: string;
  /** Jobs at a time. */
  readonly arrayLimit?: number | undefined;
  /** Cores of a pod. */
  readonly cpusPerTask: number;
  /** Memory of a pod. */
  readonly mem?: string | undefined;
}

/** The Job as plain data. */
export function indexedJob({ path }: TaskFolder, { size, count }: Chunks, options: KubernetesOptions) {
  const name = `fim-${basename(path)}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 50)
    .replace(/-+$/, '');
  const { image, volume, arrayLimit = count, cpusPerTask, mem } = options;
  const memory = mem === undefined ? {} : { memory: /^\d+[KMGT]$/.test(mem) ? `${mem}i` : mem };
  return {
    apiVersion: 'batch/v1' as const,
    kind: 'Job' as const,
    metadata: { name },
    spec: {
      completionMode: 'Indexed',
      completions: count,
      parallelism: Math.min(arrayLimit, count),
      backoffLimitPerIndex: 2,
      maxFailedIndexes: count,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        spec: {
          restartPolicy: 'Never',
          // A worker that is told to stop gives its task back.
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: 'fim',
              image,
              command: ['fim', 'work', path, '--chunk', String(size), '--quiet'],
              resources: { requests: { cpu: String(cpusPerTask), ...memory }, limits: { ...memory } },
              volumeMounts: [{ name: 'work', mountPath: path }],
            },
          ],
          volumes: [{ name: 'work', persistentVolumeClaim: { claimName: volume } }],
        },
      },
    },
  };
}

type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** Plain data as YAML in block style, text in double quotes. */
export function yaml(value: Plain, indent = ''): string {
  if (Array.isArray(value))
    return (value as readonly Plain[])
      .map((one) => `${indent}- ${yaml(one, `${indent}  `).trimStart()}`)
      .join('');
  if (typeof value !== 'object') return `${JSON.stringify(value)}\n`;
  return Object.entries(value)
    .map(([key, one]) => `${indent}${key}:${typeof one === 'object' ? nested(one, indent) : ` ${yaml(one)}`}`)
    .join('');
}

const nested = (value: Plain, indent: string): string =>
  Object.keys(value).length === 0 ? ' {}\n' : `\n${yaml(value, `${indent}  `)}`;
