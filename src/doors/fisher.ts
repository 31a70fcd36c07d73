/**
 * @module doors/fisher
 *
 * The public door `fim/fisher`: estimates of the Fisher information (fisher), and how good they are (variance).
 */
export * from '../fisher/index.js';
export * from '../variance/index.js';
