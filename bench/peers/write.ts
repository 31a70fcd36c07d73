/**
 * @module bench/peers/write
 *
 * The file that peers read: `npx vite-node bench/peers/write.ts FILE [lenet|cifar|transformer]`, without a name the network of bench/diagonal.
 */
import process from 'node:process';
import { writePeerFile } from '../tools/peer-file.js';

await writePeerFile(process.argv[2], process.argv[3]);
