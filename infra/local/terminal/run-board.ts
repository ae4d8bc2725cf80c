import type { DeadLetterReport } from '../../../functions/dead-letter/handler.ts';
import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import type { IngestStatus } from '../../../functions/ingest/ingest-status.ts';
import type { Row } from '../../../shared/row.ts';
import type { TableName } from '../../../shared/tables.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import type { ActiveAlarm } from '../alerting/active-alarms.ts';
import { errorEvent, type RunEvent, reportEvent } from '../run/run-event.ts';
import { MarketBoard } from './market-board.ts';
import type { FeedView, MonitorView, ProgressView, RunPhase } from './monitor-view.ts';
import { RateMeter } from './rate-meter.ts';

const EVENTS_KEPT = 100;
/** Repeats of one message within this time are told once: a store that is down fails many batches a second. */
const REPEAT_US = 10_000_000;
const MESSAGES_KEPT = 200;

/** What a run tells the board about itself, beside what happens. */
export interface RunFacts {
  readonly feed: FeedView;
  readonly dataDir: string;
  readonly startedUs: Micros;
  /** Shown before their first row. */
  readonly symbols: readonly MarketSymbol[];
}

/** What is read anew for each view. */
export interface RunSample {
  /** Wall time. */
  readonly nowUs: Micros;
  readonly ingest: IngestStatus | null;
  readonly lagRecords: number | null;
  readonly progress: ProgressView | null;
  readonly alarms: readonly ActiveAlarm[];
}

/** Gathers all that happens in a run and gives the view of any moment. */
export class RunBoard {
  readonly market: MarketBoard;
  readonly #facts: RunFacts;
  readonly #nowUs: () => Micros;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #frames = new RateMeter();
  readonly #rows = new RateMeter();
  readonly #rowsByTable: Partial<Record<TableName, number>> = {};
  readonly #deadLetters: Record<string, number> = {};
  readonly #gaps = { told: 0, filled: 0, unfillable: 0 };
  readonly #events: RunEvent[] = [];
  readonly #warnings: string[] = [];
  readonly #lastTold = new Map<string, Micros>();
  #rowsWritten = 0;
  #errors = 0;
  #storeDelayMs: Millis | null = null;
  storeEndpoint: string | null = null;
  healthUrl: string | null = null;
  phase: RunPhase = 'running';

  constructor(facts: RunFacts, nowUs: () => Micros, onEvent: (event: RunEvent) => void) {
    this.#facts = facts;
    this.#nowUs = nowUs;
    this.#onEvent = onEvent;
    this.market = new MarketBoard(facts.symbols);
  }

  /** Rows that the store took. */
  rows(rows: readonly Row[]): void {
    for (const { table } of rows) this.#rowsByTable[table] = (this.#rowsByTable[table] ?? 0) + 1;
    this.#rowsWritten += rows.length;
    this.market.take(rows);
    if (this.#facts.feed.kind !== 'replay') this.#noteDelay(rows);
  }

  report(report: IngestReport): void {
    if (report.kind === 'gap') {
      if (report.change.state === 'open') this.#gaps.told += 1;
      else this.#gaps[report.change.state] += 1;
    }
    if (report.kind === 'symbol') this.#warnings.push(report.message);
    this.event(reportEvent(report, this.#nowUs()));
  }

  deadLetters(report: DeadLetterReport): void {
    for (const [reason, count] of Object.entries(report.byReason)) {
      if (count === 0) continue;
      this.#deadLetters[reason] = (this.#deadLetters[reason] ?? 0) + count;
      this.event({
        timeUs: this.#nowUs(),
        level: 'warning',
        event: 'dead-letter',
        message: `Dead letters: ${reason}. Their bytes are in the table dead_letters.`,
        data: { reason, count },
      });
    }
  }

  error(source: string, error: unknown): void {
    this.#errors += 1;
    this.event(errorEvent(source, error, this.#nowUs()));
  }

  /** Keeps and tells an event, unless the same was told just before. */
  event(event: RunEvent): void {
    const lastUs = this.#lastTold.get(event.message);
    if (lastUs !== undefined && event.timeUs - lastUs < REPEAT_US) return;
    this.#lastTold.delete(event.message);
    this.#lastTold.set(event.message, event.timeUs);
    if (this.#lastTold.size > MESSAGES_KEPT) {
      const [oldest] = this.#lastTold.keys();
      if (oldest !== undefined) this.#lastTold.delete(oldest);
    }
    if (event.level !== 'debug') this.#events.push(event);
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
    this.#onEvent(event);
  }

  view(sample: RunSample): MonitorView {
    const { nowUs, ingest, progress } = sample;
    const frames = progress?.frames ?? ingest?.frames ?? 0;
    return {
      feed: this.#facts.feed,
      nowUs,
      upMs: (nowUs - this.#facts.startedUs) / 1_000,
      phase: this.phase,
      symbols: this.market.view(this.#facts.feed.kind === 'replay' ? this.market.latestUs : nowUs),
      ingest,
      lagRecords: sample.lagRecords,
      counts: {
        rows: { ...this.#rowsByTable },
        rowsWritten: this.#rowsWritten,
        rowsPerSecond: this.#rows.rate(this.#rowsWritten, nowUs),
        framesPerSecond: this.#frames.rate(frames, nowUs),
        deadLetters: { ...this.#deadLetters },
        gaps: { ...this.#gaps },
        errors: this.#errors,
        storeDelayMs: this.#storeDelayMs,
      },
      progress,
      dataDir: this.#facts.dataDir,
      storeEndpoint: this.storeEndpoint,
      healthUrl: this.healthUrl,
      warnings: [...this.#warnings],
      alarms: sample.alarms,
      events: [...this.#events],
    };
  }

  #noteDelay(rows: readonly Row[]): void {
    const newest = rows.findLast((row) => row.table === 'trades');
    const isLive = newest?.columns.some(({ name, value }) => name === 'source' && value === 'live');
    const received = newest?.columns.find(({ name }) => name === 'ingestion_time_ms');
    if (isLive === true && received !== undefined)
      this.#storeDelayMs = this.#nowUs() / 1_000 - Number(received.value);
  }
}
