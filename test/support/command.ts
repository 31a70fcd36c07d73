/** Words for Node that run `fim` from the sources, as a process of its own. */
import { fileURLToPath } from 'node:url';

const loader = new URL('./ts-loader.mjs', import.meta.url).href;
const register = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(loader)})`;

export const FIM: readonly string[] = [
  '--import',
  register,
  fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
];
