import { CodedError } from '../../shared/coded-error.ts';
import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import { encodeDeadLetter } from '../../shared/events/dead-letter-json.ts';
import { millisText } from '../../shared/events/millis-text.ts';
import { encodeSignal } from '../../shared/events/signal-json.ts';
import { recordKey } from '../../shared/log/event-records.ts';
import type { MSKEvent, MSKRecord } from '../../shared/log/kafka-event.ts';
import type { LogProducer, OutgoingRecord } from '../../shared/log/log.ts';
import type { Row, RowWriter, WriteOutcome } from '../../shared/row.ts';
import { signalRow } from '../../shared/signals/signal-row.ts';
import type { HotItem, StateStore } from '../../shared/state/state-store.ts';
import { epochAt } from '../../shared/window/row-version.ts';
import { Effects } from './effects.ts';
import type { Feed } from './feed.ts';
import { QuoteFeed, type QuoteFeedOptions } from './quote-feed.ts';
import { refusedRecord } from './refused-record.ts';
import { TradeFeed, type TradeFeedOptions } from './trade-feed.ts';

/** Lost races after which a batch is given back: somebody else owns the partition. */
const MAX_LOST_RACES = 8;

/** What the aggregate stands on. */
export interface AggregateDeps {
  readonly store: StateStore;
  readonly rows: RowWriter;
  readonly producer: LogProducer;
  readonly nowMs: () => number;
  /** Told of each stretch that was folded, before its effects are performed: for metrics. */
  readonly onFolded?: (symbol: string, effects: Pick<Effects, 'counts' | 'signals' | 'refused'>) => void;
}

/** The rules of all feeds, and the topics that effects go to. */
export interface AggregateOptions {
  readonly trades: Omit<TradeFeedOptions, 'store'>;
  readonly quotes: Omit<QuoteFeedOptions, 'store'>;
  readonly quotesTopic: string;
  readonly deadLetterTopic: string;
  readonly auditTopic: string;
  readonly alertsTopic: string;
}

/** What one batch came to. */
export type AggregateCounts = Effects['counts'] & {
  rowsWritten: number;
  rowsSuperseded: number;
  rowsRefused: number;
  lostRaces: number;
};

interface Work {
  feed: Feed;
  readonly records: MSKRecord[];
  readonly isQuotes: boolean;
  readonly symbol: string;
  at: number;
  next: number;
}

/**
 * Folds a batch of validated records: per symbol and feed in the log's order, in stretches that each end with
 * rows, then dead letters and audit requests, then the state. Whatever stops it in between, the same batch can
 * be given again.
 */
export class Aggregate {
  readonly #deps: AggregateDeps;
  readonly #options: AggregateOptions;
  /** The feeds of earlier batches: used again where the store still has the version that they stand on. */
  readonly #warm = new Map<string, Feed>();

  constructor(deps: AggregateDeps, options: AggregateOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async process(event: MSKEvent): Promise<AggregateCounts> {
    const counts: AggregateCounts = {
      ...new Effects().counts,
      rowsWritten: 0,
      rowsSuperseded: 0,
      rowsRefused: 0,
      lostRaces: 0,
    };
    const keyless = new Effects();
    let active = await this.#open(event, keyless);
    await this.#perform([keyless], counts);
    while (active.length > 0) {
      const folded: Work[] = [];
      const effects: Effects[] = [];
      for (const work of active) {
        const own = new Effects();
        const next = await work.feed.fold(work.records, work.at, own);
        if (next === undefined) {
          await this.#reload(work, counts);
          continue;
        }
        work.next = next;
        this.#deps.onFolded?.(work.symbol, own);
        folded.push(work);
        effects.push(own);
      }
      await this.#perform(effects, counts);
      await Promise.all(folded.map((work) => this.#commit(work, counts)));
      active = active.filter((work) => work.at < work.records.length);
    }
    return counts;
  }

  async #open(event: MSKEvent, keyless: Effects): Promise<Work[]> {
    const works = new Map<string, Work>();
    for (const records of Object.values(event.records)) {
      for (const record of records) {
        const isQuotes = record.topic === this.#options.quotesTopic;
        const name = `${isQuotes ? 'q' : 't'}${record.key ?? ''}`;
        const known = works.get(name);
        if (known !== undefined) {
          known.records.push(record);
          continue;
        }
        const symbol = recordKey(record);
        if (symbol === null) {
          keyless.refused.push(keylessRecord(record));
          continue;
        }
        const feed = this.#create(isQuotes, symbol, undefined);
        works.set(name, { feed, records: [record], isQuotes, symbol, at: 0, next: 0 });
      }
    }
    const opened = [...works.values()];
    const stored = await this.#deps.store.readHot(opened.map((work) => work.feed.key));
    for (const work of opened) work.feed = this.#warmOr(work, stored.get(work.feed.key));
    return opened;
  }

  #warmOr(work: Work, stored: HotItem | undefined): Feed {
    const warm = this.#warm.get(work.feed.key);
    // Taken out until its changes are committed: a call that fails or overlaps must not find them half done.
    this.#warm.delete(work.feed.key);
    if (warm !== undefined && warm.version === (stored?.version ?? 0)) return warm;
    return this.#create(work.isQuotes, work.symbol, stored);
  }

  #create(isQuotes: boolean, symbol: string, stored: HotItem | undefined): Feed {
    const { store, nowMs } = this.#deps;
    const epoch = epochAt(nowMs());
    return isQuotes
      ? new QuoteFeed(`quotes#${symbol}`, symbol, { store, ...this.#options.quotes }, stored, epoch)
      : new TradeFeed(`trades#${symbol}`, symbol, { store, ...this.#options.trades }, stored, epoch);
  }

  async #commit(work: Work, counts: AggregateCounts): Promise<void> {
    if (await work.feed.commit()) {
      work.at = work.next;
      this.#warm.set(work.feed.key, work.feed);
    } else {
      await this.#reload(work, counts);
    }
  }

  async #reload(work: Work, counts: AggregateCounts): Promise<void> {
    counts.lostRaces += 1;
    if (counts.lostRaces > MAX_LOST_RACES) {
      throw new CodedError(
        'STATE_CONTENDED',
        `The state of ${work.feed.key} changed ${counts.lostRaces} times while a batch was folded: another consumer of the group works on the same symbol. The batch is given back.`,
        { data: { key: work.feed.key }, canRetry: true },
      );
    }
    const stored = await this.#deps.store.readHot([work.feed.key]);
    work.feed = this.#create(work.isQuotes, work.symbol, stored.get(work.feed.key));
  }

  async #perform(all: readonly Effects[], counts: AggregateCounts): Promise<void> {
    for (const effects of all) {
      for (const name of Object.keys(effects.counts) as (keyof Effects['counts'])[]) {
        counts[name] += effects.counts[name];
      }
    }
    const signals = all.flatMap((effects) => effects.signals);
    counts.signals += signals.length;
    const rows = all.flatMap((effects) => effects.rows);
    rows.push(...signals.map(({ signal, epoch }) => signalRow(signal, epoch)));
    const refusedRows = rows.length === 0 ? [] : await this.#write(rows, counts);
    const refused = [...all.flatMap((effects) => effects.refused), ...refusedRows];
    const refusedMs = this.#deps.nowMs();
    const letters: OutgoingRecord[] = refused.map((record) => {
      const letter: DeadLetter = { ...record, refusedMs, attempts: 1 };
      return { topic: this.#options.deadLetterTopic, key: letter.key, value: encodeDeadLetter(letter) };
    });
    const audits: OutgoingRecord[] = all
      .flatMap((effects) => effects.audits)
      .map(({ symbol, openTimeUs }) => ({
        topic: this.#options.auditTopic,
        key: symbol,
        value: JSON.stringify({ symbol, open_time_ms: Number(millisText(openTimeUs)) }),
      }));
    const alerts: OutgoingRecord[] = signals.map(({ signal }) => ({
      topic: this.#options.alertsTopic,
      key: signal.symbol,
      value: encodeSignal(signal),
    }));
    const outgoing = [...letters, ...audits, ...alerts];
    if (outgoing.length > 0) await this.#deps.producer.send(outgoing);
  }

  async #write(rows: readonly Row[], counts: AggregateCounts): Promise<Effects['refused']> {
    const outcome: WriteOutcome = await this.#deps.rows.write(rows);
    counts.rowsWritten += outcome.written;
    counts.rowsSuperseded += outcome.superseded;
    counts.rowsRefused += outcome.refused.length;
    return outcome.refused.map(({ row, reason }) => ({
      reason: 'ROW_REFUSED',
      error: `The store refused a row of ${row.table}: ${reason}`,
      topic: row.table,
      partition: 0,
      offset: 0,
      key: row.dimensions.find(([name]) => name === 'symbol')?.[1] ?? null,
      receivedMs: Number(row.timeNs.slice(0, -6)),
      payload: Buffer.from(JSON.stringify(row)),
    }));
  }
}

function keylessRecord(record: MSKRecord): Effects['refused'][number] {
  const error = `A record of ${record.topic} has no key; its symbol and so its order are not known.`;
  const bytes = Buffer.from(record.value ?? '', 'base64');
  return {
    ...refusedRecord(record, { kind: 'refused', reason: 'SYMBOL_NOT_KEY', error }, '', bytes),
    key: null,
  };
}
