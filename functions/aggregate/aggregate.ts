import { CodedError } from '../../shared/coded-error.ts';
import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import { encodeDeadLetter } from '../../shared/events/dead-letter-json.ts';
import { millisText } from '../../shared/events/millis-text.ts';
import { encodeSignal } from '../../shared/events/signal-json.ts';
import { countRecords } from '../../shared/log/event-records.ts';
import type { MSKEvent } from '../../shared/log/kafka-event.ts';
import type { LogProducer, OutgoingRecord } from '../../shared/log/log.ts';
import { type FunctionMetrics, type Invocation, measured } from '../../shared/metrics/function-metrics.ts';
import { addRowMetrics } from '../../shared/metrics/row-metrics.ts';
import type { Row, RowWriter, WriteOutcome } from '../../shared/row.ts';
import { signalRow } from '../../shared/signals/signal-row.ts';
import type { HotItem, StateStore } from '../../shared/state/state-store.ts';
import type { MismatchRecord } from '../../shared/window/mismatch-record.ts';
import { epochAt } from '../../shared/window/row-version.ts';
import { addFoldMetrics, addInvocationMetrics, SignalGauges } from './aggregate-metrics.ts';
import { Effects } from './effects.ts';
import type { Feed } from './feed.ts';
import { groupRecords, type RecordGroup } from './group-records.ts';
import { QuoteFeed, type QuoteFeedOptions } from './quote-feed.ts';
import { refusedRow } from './refused-row.ts';
import { TradeFeed, type TradeFeedOptions } from './trade-feed.ts';

/** Lost races after which a batch is given back: somebody else owns the partition. */
const MAX_LOST_RACES = 8;

/** What the aggregate stands on. */
export interface AggregateDeps {
  readonly store: StateStore;
  readonly rows: RowWriter;
  readonly producer: LogProducer;
  readonly nowMs: () => number;
  readonly metrics?: FunctionMetrics;
  /** Takes the record of a candle that differs: a line of the function's log. */
  readonly onMismatch?: (record: MismatchRecord) => void;
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

/** A group on its way: records below `at` are committed, those below `next` folded. */
interface Work extends RecordGroup {
  feed: Feed;
  at: number;
  next: number;
  /** Of the stretch that is under way. */
  effects: Effects;
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
  readonly #gauges = new SignalGauges();

  constructor(deps: AggregateDeps, options: AggregateOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Folds a batch; the counts are those of an invocation that succeeded. */
  process(event: MSKEvent): Promise<AggregateCounts> {
    return measured(this.#deps.metrics, countRecords(event), (invocation) =>
      this.#process(event, invocation),
    );
  }

  async #process(event: MSKEvent, invocation: Invocation | undefined): Promise<AggregateCounts> {
    const { nowMs } = this.#deps;
    const counts: AggregateCounts = {
      ...new Effects().counts,
      rowsWritten: 0,
      rowsSuperseded: 0,
      rowsRefused: 0,
      lostRaces: 0,
    };
    const keyless = new Effects();
    let active = await this.#open(event, keyless);
    await this.#perform([keyless], counts, invocation);
    for (const work of active) await this.#settleEpoch(work, counts);
    while (active.length > 0) {
      const folded: Work[] = [];
      for (const work of active) {
        const own = new Effects();
        const next = await work.feed.fold(work.records, work.at, own);
        if (next === undefined) {
          await this.#reload(work, counts);
          continue;
        }
        work.next = next;
        work.effects = own;
        folded.push(work);
      }
      const foldedMs = nowMs();
      const effects = folded.map((work) => work.effects);
      await this.#perform(effects, counts, invocation);
      if (invocation !== undefined) {
        for (const work of folded) {
          this.#gauges.tell(invocation, work.symbol, work.feed, work.effects, foldedMs);
        }
      }
      await Promise.all(folded.map((work) => this.#commit(work, counts, foldedMs, invocation)));
      active = active.filter((work) => work.at < work.records.length);
    }
    if (invocation !== undefined) addInvocationMetrics(invocation.batch, event, counts, nowMs());
    return counts;
  }

  async #open(event: MSKEvent, keyless: Effects): Promise<Work[]> {
    const groups = groupRecords(event, this.#options.quotesTopic, keyless);
    const stored = await this.#deps.store.readHot(groups.map((group) => group.key));
    return groups.map((group) => {
      const feed = this.#warmOr(group, stored.get(group.key));
      return { ...group, feed, at: 0, next: 0, effects: keyless };
    });
  }

  /**
   * The first state of a symbol is stored before the first row is written: of two calls that make it in different
   * minutes, the one that loses must not leave rows of a higher epoch behind.
   */
  async #settleEpoch(work: Work, counts: AggregateCounts): Promise<void> {
    const [first] = work.records;
    if (work.feed.version > 0 || first === undefined) return;
    work.feed.beginAt(first);
    if (!(await work.feed.commit())) await this.#reload(work, counts);
  }

  #warmOr(group: RecordGroup, stored: HotItem | undefined): Feed {
    const warm = this.#warm.get(group.key);
    // Taken out until its changes are committed: a call that fails or overlaps must not find them half done.
    this.#warm.delete(group.key);
    if (warm !== undefined && warm.version === (stored?.version ?? 0)) return warm;
    return this.#create(group, stored);
  }

  #create(group: RecordGroup, stored: HotItem | undefined): Feed {
    const { store, nowMs } = this.#deps;
    const { key, symbol } = group;
    const epoch = epochAt(nowMs());
    return group.isQuotes
      ? new QuoteFeed(key, symbol, { store, ...this.#options.quotes }, stored, epoch)
      : new TradeFeed(key, symbol, { store, ...this.#options.trades }, stored, epoch);
  }

  async #commit(
    work: Work,
    counts: AggregateCounts,
    foldedMs: number,
    invocation: Invocation | undefined,
  ): Promise<void> {
    if (await work.feed.commit()) {
      work.at = work.next;
      if (invocation !== undefined) {
        addFoldMetrics(invocation.batch, work.symbol, work.isQuotes, work.effects, foldedMs);
      }
      // Until its last stretch is committed the next one changes it, and a call that fails must not leave that behind.
      if (work.at >= work.records.length) this.#warm.set(work.key, work.feed);
    } else {
      await this.#reload(work, counts);
    }
  }

  async #reload(work: Work, counts: AggregateCounts): Promise<void> {
    counts.lostRaces += 1;
    if (counts.lostRaces > MAX_LOST_RACES) {
      throw new CodedError(
        'STATE_CONTENDED',
        `The state of ${work.key} changed ${counts.lostRaces} times while a batch was folded: another consumer of the group works on the same symbol. The batch is given back.`,
        { data: { key: work.key }, canRetry: true },
      );
    }
    const stored = await this.#deps.store.readHot([work.key]);
    work.feed = this.#create(work, stored.get(work.key));
  }

  async #perform(
    all: readonly Effects[],
    counts: AggregateCounts,
    invocation: Invocation | undefined,
  ): Promise<void> {
    for (const effects of all) {
      for (const name of Object.keys(effects.counts) as (keyof Effects['counts'])[]) {
        counts[name] += effects.counts[name];
      }
    }
    for (const effects of all) for (const record of effects.mismatches) this.#deps.onMismatch?.(record);
    const signals = all.flatMap((effects) => effects.signals);
    counts.signals += signals.length;
    const rows = all.flatMap((effects) => effects.rows);
    rows.push(...signals.map(({ signal, epoch }) => signalRow(signal, epoch)));
    const refusedRows = rows.length === 0 ? [] : await this.#write(rows, counts, invocation);
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

  async #write(
    rows: readonly Row[],
    counts: AggregateCounts,
    invocation: Invocation | undefined,
  ): Promise<Effects['refused']> {
    const outcome: WriteOutcome = await this.#deps.rows.write(rows);
    counts.rowsWritten += outcome.written;
    counts.rowsSuperseded += outcome.superseded;
    counts.rowsRefused += outcome.refused.length;
    if (invocation !== undefined) addRowMetrics(invocation.batch, outcome);
    return outcome.refused.map(({ row, reason }) => refusedRow(row, reason));
  }
}
