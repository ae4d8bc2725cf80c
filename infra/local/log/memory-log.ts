import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log/log.ts';
import { MemoryStore } from './memory-store.ts';
import { StoredLog } from './stored-log.ts';

/**
 * A log in memory, for tests and the fault simulator. It is deterministic: it uses no timer but the clock's,
 * and records wake a waiting consumer by promises alone. It keeps everything unless `upkeepMs` is given.
 */
export function openMemoryLog(options: { readonly clock: Clock; readonly upkeepMs?: number }): Log {
  return new StoredLog({
    store: new MemoryStore(),
    clock: options.clock,
    schedule: queueMicrotask,
    upkeepMs: options.upkeepMs,
  });
}
