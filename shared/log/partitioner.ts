import { murmur2 } from './murmur2.ts';

/** Keys are symbols: a few thousand at most. Beyond that the memory is emptied rather than grown. */
const REMEMBERED_KEYS = 8192;

/**
 * Chooses the partition of a record: murmur2 of the key's UTF-8 bytes, made positive, modulo the number of
 * partitions; 0 without a key. Both logs use it, so a symbol stands in the same partition on each.
 */
export class Partitioner {
  #hashes = new Map<string, number>();

  partition(key: Uint8Array | string | null, partitions: number): number {
    if (key === null || partitions === 1) return 0;
    if (typeof key !== 'string') return (murmur2(key) & 0x7fffffff) % partitions;
    let hash = this.#hashes.get(key);
    if (hash === undefined) {
      hash = murmur2(Buffer.from(key)) & 0x7fffffff;
      if (this.#hashes.size >= REMEMBERED_KEYS) this.#hashes.clear();
      this.#hashes.set(key, hash);
    }
    return hash % partitions;
  }
}
