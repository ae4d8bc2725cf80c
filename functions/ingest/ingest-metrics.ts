import type { Clock, Timer } from '../../shared/clock.ts';
import type { Feed } from '../../shared/events/tick.ts';
import { DimensionBounds } from '../../shared/metrics/dimension-bounds.ts';
import type { MetricsPort } from '../../shared/metrics/function-metrics.ts';
import { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import type { Micros, Millis } from '../../shared/units.ts';
import type { FeedTime } from './feed-time.ts';
import type { IngestHandle } from './ingest.ts';
import type { IngestReport } from './ingest-report.ts';

/** How often ingest tells its figures, on full multiples of it. */
const EVERY_MS: Millis = 10_000;

/** What is urgent waits this long for more of its kind. */
const URGENT_MS: Millis = 100;

const FEEDS: readonly Feed[] = ['trades', 'quotes'];

/** Ingest's part that the metrics read. */
export type MeasuredIngest = Pick<IngestHandle, 'intake' | 'sockets' | 'queues'>;

/** Running totals at the last emission: what came since is what is told. */
interface Totals {
  readonly frames: Readonly<Record<Feed, number>>;
  readonly conflated: number;
  readonly reconnects: number;
  readonly filled: number;
  readonly unfillable: number;
}

/**
 * Tells ingest's metrics every 10 s, zeros included: silence means that ingest is gone. The figures carry the last
 * millisecond of the 10 s that they are of, so that they fall into that period and not into the next. A gap that
 * cannot be filled, and a socket that was lost, are told within 100 ms.
 */
export class IngestMetrics {
  readonly #clock: Clock;
  readonly #port: MetricsPort;
  readonly #ingest: MeasuredIngest;
  readonly #bounds: DimensionBounds;
  /** When the time of each socket was last seen to move. */
  readonly #heard = new Map<FeedTime, { readonly lastUs: Micros | null; readonly heardUs: Micros }>();
  #toldUs: Micros;
  #told: Totals;
  #timer: Timer | undefined;
  #urgent: Timer | undefined;
  #stopped = false;

  constructor(ingest: MeasuredIngest, options: { readonly clock: Clock; readonly port: MetricsPort }) {
    this.#ingest = ingest;
    this.#clock = options.clock;
    this.#port = options.port;
    this.#bounds = new DimensionBounds(options.port.symbols);
    this.#toldUs = options.clock.nowUs();
    this.#told = this.#totals();
    this.#plan();
  }

  /** Call it with everything that ingest reports. */
  report(report: IngestReport): void {
    const isUrgent =
      (report.kind === 'gap' && report.change.state === 'unfillable') ||
      (report.kind === 'socket-closed' && report.retryMs !== null);
    if (!isUrgent || this.#stopped) return;
    this.#urgent ??= this.#clock.after(URGENT_MS, () => {
      this.#urgent = undefined;
      this.#emit(this.#port.nowMs());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#urgent?.cancel();
  }

  #plan(): void {
    const nowMs = this.#port.nowMs();
    const endMs = (Math.floor(nowMs / EVERY_MS) + 1) * EVERY_MS;
    this.#timer = this.#clock.after(endMs - nowMs, () => {
      this.#emit(endMs - 1);
      this.#plan();
    });
  }

  #emit(timestampMs: Millis): void {
    const batch = new MetricBatch(this.#bounds, this.#port.namespace);
    const before = this.#told;
    const now = this.#totals();
    this.#told = now;
    for (const feed of this.#feeds()) {
      batch.add(METRICS.framesReceived, now.frames[feed] - before.frames[feed], { Feed: feed });
      const down = this.#ingest.sockets.filter(({ plan, keeper }) => plan.feed === feed && !keeper.isOpen);
      batch.add(METRICS.socketsDown, down.length, { Feed: feed });
    }
    batch.add(METRICS.quotesConflated, now.conflated - before.conflated);
    batch.add(METRICS.socketReconnects, now.reconnects - before.reconnects);
    batch.add(METRICS.gapsFilled, now.filled - before.filled);
    batch.add(METRICS.gapsUnfillable, now.unfillable - before.unfillable);
    batch.add(METRICS.gapsOpen, this.#openGaps());
    for (const [symbol, ageMs] of this.#ages()) batch.add(METRICS.freshnessMs, ageMs, { Symbol: symbol });
    for (const line of batch.flush(timestampMs)) this.#port.emit(line);
  }

  #feeds(): readonly Feed[] {
    return FEEDS.filter((feed) => this.#ingest.sockets.some(({ plan }) => plan.feed === feed));
  }

  #openGaps(): number {
    let open = 0;
    for (const { ledger } of this.#ingest.intake.tradeLanes.values()) {
      open += ledger.gaps.filter((gap) => gap.state === 'open').length;
    }
    return open;
  }

  /**
   * By symbol, or `other`: how long ago the socket of its trades or, without them, of its quotes gave a sign of
   * life. A tick of ingest that repeats an old time is none.
   */
  #ages(): ReadonlyMap<string, Millis> {
    const { tradeLanes, quoteLanes } = this.#ingest.intake;
    const nowUs = this.#clock.nowUs();
    for (const { time, keeper, plan } of this.#ingest.sockets) {
      const before = this.#heard.get(time) ?? { lastUs: null, heardUs: this.#toldUs };
      // A time that moved without a frame was asked for over REST, some time since the last emission.
      const movedUs = time.lastUs === before.lastUs ? 0 : this.#toldUs;
      // Nobody can be asked for the time of quotes: a quotes socket that is silent and answers pings is well.
      const quietUs = plan.feed === 'quotes' && keeper.isOpen && keeper.isQuiet ? nowUs : 0;
      const heardUs = Math.max(before.heardUs, keeper.lastFrameUs ?? 0, movedUs, quietUs);
      this.#heard.set(time, { lastUs: time.lastUs, heardUs });
    }
    this.#toldUs = nowUs;
    const worst = new Map<string, Millis>();
    for (const symbol of new Set([...quoteLanes.keys(), ...tradeLanes.keys()])) {
      const lane = tradeLanes.get(symbol) ?? quoteLanes.get(symbol);
      const heardUs = lane === undefined ? nowUs : (this.#heard.get(lane.time)?.heardUs ?? nowUs);
      const ageMs = (nowUs - heardUs) / 1000;
      const name = this.#bounds.bound('Symbol', symbol);
      worst.set(name, Math.max(ageMs, worst.get(name) ?? 0));
    }
    return worst;
  }

  #totals(): Totals {
    const { intake, queues, sockets } = this.#ingest;
    return {
      frames: { trades: intake.counts.framesByFeed.trades, quotes: intake.counts.framesByFeed.quotes },
      conflated: queues.quotes.conflated,
      reconnects: sockets.reduce((sum, { keeper }) => sum + keeper.reconnects, 0),
      filled: intake.counts.gapsFilled,
      unfillable: intake.counts.gapsUnfillable,
    };
  }
}
