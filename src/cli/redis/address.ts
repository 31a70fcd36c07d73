/**
 * @module cli/redis/address
 *
 * The address of a Redis that a command names, with the password of the environment.
 */
import { addressOf, type RedisAddress } from '../../scale/redis/connection.js';

/** Throws `redis/url`. */
export const addressIn = (url: string): RedisAddress => {
  const password = process.env['FIM_REDIS_PASSWORD'];
  return addressOf(url, password === '' ? undefined : password);
};
