import type { Clock } from '../../shared/clock.ts';
import { splitJsonArray } from '../../shared/json-elements.ts';
import type { CommittedOffset, LogConsumer, LogRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros, Millis } from '../../shared/units.ts';
import { type AuditRequest, MINUTE_MS, parseAuditRequest } from './audit-request.ts';
import type { IngestReport } from './ingest-report.ts';
import type { RestClient } from './rest-client.ts';

/** Requests held at once; more stay in the log until there is room. */
const MAX_HELD = 1_000;
/** REST may lag behind the sockets: a kline that it still has not got after so many answers is not there. */
const MAX_EMPTY_ANSWERS = 5;
/** Waits between attempts; the last one goes on. */
const RETRY_MS: readonly Millis[] = [2_000, 10_000, 30_000, 60_000, 300_000];

/** What answering audits works with. */
export interface AuditResponderOptions {
  readonly consumer: LogConsumer;
  readonly rest: Pick<RestClient, 'get'>;
  readonly clock: Clock;
  /** Appends the kline's own bytes to the raw log as a backfill of this symbol. */
  readonly append: (symbol: MarketSymbol, bytes: Buffer) => void;
  /** Resolves when what was appended is in the log. */
  readonly flushed: () => Promise<void>;
  readonly report: (report: IngestReport) => void;
}

/** A record of the topic whose answer is not in the log yet. */
interface Held {
  readonly record: LogRecord;
  readonly request: AuditRequest;
  dueUs: Micros;
  attempts: number;
  emptyAnswers: number;
}

/**
 * Answers the requests of `binance.audits`: fetches the kline of a minute over REST and appends it to the raw log,
 * where it folds like any other. A request is committed only when its answer is in the log, or the exchange said
 * that there is none; while it cannot be asked, the request waits.
 */
export class AuditResponder {
  readonly #options: AuditResponderOptions;
  #held: Held[] = [];
  /** Of each partition, the offset behind the last record that was fetched. */
  readonly #fetched = new Map<string, CommittedOffset>();
  readonly #committed = new Map<string, number>();
  readonly #stop = Promise.withResolvers<void>();
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
    this.#stop.resolve();
    await this.#options.consumer.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#fetch();
        await this.#answerDue();
        await this.#commit();
      } catch (error) {
        if (this.#stopped) return;
        this.#options.report({ kind: 'ledger-failed', error });
        await this.#wait(5_000);
      }
    }
  }

  async #fetch(): Promise<void> {
    const room = MAX_HELD - this.#held.length;
    if (room <= 0) {
      await this.#wait(1_000);
      return;
    }
    const limits = { maxRecords: Math.min(100, room), maxBytes: 1_000_000, waitMs: 1_000 };
    for (const record of await this.#options.consumer.fetch(limits)) {
      const { topic, partition, offset } = record;
      this.#fetched.set(`${topic}/${partition}`, { topic, partition, next: offset + 1 });
      const request = parseAuditRequest(record.value?.toString('utf8') ?? '');
      if (request !== undefined) this.#held.push({ record, request, dueUs: 0, attempts: 0, emptyAnswers: 0 });
    }
  }

  async #answerDue(): Promise<void> {
    const nowUs = this.#options.clock.nowUs();
    const settled = new Set<Held>();
    for (const held of this.#held) {
      if (this.#stopped) break;
      if (held.dueUs <= nowUs && (await this.#isSettled(held))) settled.add(held);
    }
    this.#held = this.#held.filter((held) => !settled.has(held));
  }

  async #isSettled(held: Held): Promise<boolean> {
    const { symbol, openTimeMs } = held.request;
    const answer = await this.#options.rest.get('/api/v3/klines', {
      symbol,
      interval: '1m',
      startTime: openTimeMs,
      endTime: openTimeMs + MINUTE_MS - 1,
      limit: 1,
    });
    if (answer.kind === 'refused') return this.#told(held.request, answer.refusal.message);
    if (answer.kind === 'later') {
      if (held.attempts === 0) this.#told(held.request, `to be asked again: ${answer.refusal.message}`);
      return this.#later(held, answer.afterMs);
    }
    const [kline] = splitJsonArray(answer.body) ?? [];
    if (kline !== undefined) {
      this.#options.append(symbol, kline);
      return this.#told(held.request, 'appended');
    }
    held.emptyAnswers += 1;
    if (held.emptyAnswers < MAX_EMPTY_ANSWERS) return this.#later(held, 0);
    return this.#told(held.request, 'the exchange has no such kline');
  }

  #later(held: Held, leastMs: Millis): false {
    const retryMs = RETRY_MS[Math.min(held.attempts, RETRY_MS.length - 1)] ?? 0;
    held.attempts += 1;
    held.dueUs = this.#options.clock.nowUs() + Math.max(leastMs, retryMs) * 1_000;
    return false;
  }

  #told(request: AuditRequest, outcome: string): true {
    this.#options.report({ kind: 'audit', ...request, outcome });
    return true;
  }

  /** Commits up to the oldest request of each partition that still waits. */
  async #commit(): Promise<void> {
    const offsets = [...this.#fetched].flatMap(([name, { topic, partition, next }]) => {
      const waiting = this.#held.filter(
        ({ record }) => record.topic === topic && record.partition === partition,
      );
      const upTo = Math.min(next, ...waiting.map(({ record }) => record.offset));
      return upTo > (this.#committed.get(name) ?? 0) ? [{ name, topic, partition, next: upTo }] : [];
    });
    if (offsets.length === 0) return;
    await this.#options.flushed();
    await this.#options.consumer.commit(
      offsets.map(({ topic, partition, next }) => ({ topic, partition, next })),
    );
    for (const { name, next } of offsets) this.#committed.set(name, next);
  }

  async #wait(ms: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(ms, resolve);
    await Promise.race([promise, this.#stop.promise]);
    timer.cancel();
  }
}
