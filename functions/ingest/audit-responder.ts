import type { Clock } from '../../shared/clock.ts';
import { splitJsonArray } from '../../shared/json-elements.ts';
import type { LogConsumer, LogRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { IngestReport } from './ingest-report.ts';
import type { RestClient } from './rest-client.ts';

const MINUTE_MS = 60_000;
/** A kline that the exchange does not give after so many attempts is left. */
const MAX_ATTEMPTS = 5;

/** What answering audits works with. */
export interface AuditResponderOptions {
  readonly consumer: LogConsumer;
  readonly rest: RestClient;
  readonly clock: Clock;
  /** Appends the kline's own bytes to the raw log as a backfill of this symbol. */
  readonly append: (symbol: MarketSymbol, bytes: Buffer) => void;
  /** Resolves when what was appended is in the log. */
  readonly flushed: () => Promise<void>;
  readonly report: (report: IngestReport) => void;
}

/** A minute that aggregate wants to see the exchange's kline of. */
export interface AuditRequest {
  readonly symbol: MarketSymbol;
  readonly openTimeMs: Millis;
}

/** Reads a request (`{"symbol","open_time_ms"}`); undefined where it is none. */
export function parseAuditRequest(text: string): AuditRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { symbol, open_time_ms } = value as { readonly symbol?: unknown; readonly open_time_ms?: unknown };
  if (typeof symbol !== 'string' || typeof open_time_ms !== 'number') return undefined;
  return Number.isSafeInteger(open_time_ms) && open_time_ms % MINUTE_MS === 0
    ? { symbol, openTimeMs: open_time_ms }
    : undefined;
}

/**
 * Answers the requests of `binance.audits`: fetches the kline of a minute over REST and appends it to the raw log,
 * where it folds like any other. A request is committed only when its answer is in the log.
 */
export class AuditResponder {
  readonly #options: AuditResponderOptions;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(options: AuditResponderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#options.consumer.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const limits = { maxRecords: 100, maxBytes: 1_000_000, waitMs: 1_000 };
        const records = await this.#options.consumer.fetch(limits);
        for (const record of records) await this.#answer(record);
        if (records.length === 0) continue;
        await this.#options.flushed();
        await this.#options.consumer.commit(
          records.map(({ topic, partition, offset }) => ({ topic, partition, next: offset + 1 })),
        );
      } catch (error) {
        if (this.#stopped) return;
        this.#options.report({ kind: 'ledger-failed', error });
        await this.#wait(5_000);
      }
    }
  }

  async #answer(record: LogRecord): Promise<void> {
    const request = parseAuditRequest(record.value?.toString('utf8') ?? '');
    if (request === undefined) return;
    const { symbol, openTimeMs } = request;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && !this.#stopped; attempt += 1) {
      const answer = await this.#options.rest.get('/api/v3/klines', {
        symbol,
        interval: '1m',
        startTime: openTimeMs,
        endTime: openTimeMs + MINUTE_MS - 1,
        limit: 1,
      });
      if (answer.kind === 'answer') {
        const [kline] = splitJsonArray(answer.body) ?? [];
        if (kline !== undefined) this.#options.append(symbol, kline);
        this.#told(request, kline === undefined ? 'the exchange has no such kline' : 'appended');
        return;
      }
      if (answer.kind === 'refused') {
        this.#told(request, answer.refusal.message);
        return;
      }
      await this.#wait(answer.afterMs);
    }
    this.#told(request, 'the exchange could not be asked');
  }

  #told(request: AuditRequest, outcome: string): void {
    this.#options.report({ kind: 'audit', ...request, outcome });
  }

  #wait(ms: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}
