import type { Clock, Timer } from '../../shared/clock.ts';
import { encodeLedgerEntry } from '../../shared/ledger/ledger-entry.ts';
import type { AppendedRange, LogProducer, OutgoingRecord } from '../../shared/log/log.ts';
import { Partitioner } from '../../shared/log/partitioner.ts';
import type { MarketSymbol, Micros, Millis } from '../../shared/units.ts';
import type { RecordQueue } from './record-queue.ts';
import type { TradeLane } from './trade-lane.ts';

/** What the ledger's writer works with. */
export interface LedgerWriterOptions {
  readonly clock: Clock;
  readonly producer: LogProducer;
  readonly topic: string;
  /** This task's name in the keys; a standby has another. */
  readonly task: string;
  readonly lanes: ReadonlyMap<MarketSymbol, TradeLane>;
  readonly trades: RecordQueue;
  /** The next offset of each partition of the raw trades topic before this run. */
  readonly rawOffsets: readonly number[];
  readonly onFailure: (error: unknown) => void;
  /** @default 5,000 */
  readonly everyMs?: Millis;
  /** Entries that did not change are written again after this long. @default 300,000 */
  readonly refreshMs?: Millis;
}

/**
 * Writes what changed of the ledger to its topic every few seconds. An entry is sent only when every record that
 * it counts is in the log, so a start never takes a trade for seen that was lost with the process.
 */
export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #offsets: number[];
  readonly #partitioner = new Partitioner();
  readonly #written = new Map<MarketSymbol, { readonly state: string; readonly atUs: Micros }>();
  #timer: Timer | undefined;
  /** One at a time, so that an older entry never comes after a newer one. */
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    this.#offsets = [...options.rawOffsets];
    this.#plan();
  }

  /** Takes note of what the raw trades topic acknowledged. */
  appended(ranges: readonly AppendedRange[]): void {
    for (const range of ranges) this.#offsets[range.partition] = range.baseOffset + range.count;
  }

  /** Writes at once instead of at the next turn: a watch has begun, which the next start has to know. */
  soon(): void {
    if (this.#stopped) return;
    this.write().catch(this.#options.onFailure);
  }

  /** Writes the entries that changed, once the write before is done. Rejects where the log refuses them. */
  write(): Promise<void> {
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(): Promise<void> {
    const { clock, lanes, task, topic, trades, producer } = this.#options;
    const records: OutgoingRecord[] = [];
    const states = new Map<MarketSymbol, string>();
    const atUs = clock.nowUs();
    const refreshUs = (this.#options.refreshMs ?? 300_000) * 1_000;
    // A symbol without a trade too: the next start reads the log from here on, where its watch may have begun.
    for (const lane of lanes.values()) {
      const waiting = lane.waitingIds();
      const state = `${lane.ledger.ids.count} ${waiting.length} ${lane.ledger.gaps.length} ${lane.ledger.contiguousId} ${lane.hasBegun} ${lane.owedUs}`;
      const last = this.#written.get(lane.symbol);
      if (last?.state === state && atUs - last.atUs < refreshUs) continue;
      const rawPartition = this.#partitioner.partition(lane.symbol, this.#offsets.length);
      const rawOffset = this.#offsets[rawPartition] ?? 0;
      const { hasBegun: begun, beganUs, owedUs: reachUs } = lane;
      const at = { task, rawPartition, rawOffset, writtenUs: atUs, begun, beganUs, reachUs };
      records.push({
        topic,
        key: `${lane.symbol}/${task}`,
        value: encodeLedgerEntry(lane.ledger, waiting, at),
      });
      states.set(lane.symbol, state);
    }
    if (records.length === 0) return;
    await trades.barrier();
    await producer.send(records);
    for (const [symbol, state] of states) this.#written.set(symbol, { state, atUs });
  }

  /** Ends the schedule; `write` may still be called for the last state. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(this.#options.everyMs ?? 5_000, () => {
      this.write()
        .catch(this.#options.onFailure)
        .finally(() => this.#plan());
    });
  }
}
