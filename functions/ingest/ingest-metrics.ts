import { DimensionBounds, OTHER } from '../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS, type MetricSpec } from '../../shared/metrics/metric-catalogue.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { IngestStatus } from './ingest-status.ts';
import type { IntakeCounts } from './intake.ts';

/** Turns what ingest counts since its start into metrics, measurement by measurement. */
export class IngestMetrics {
  readonly #bounds: DimensionBounds;
  readonly #batch: MetricBatch;
  readonly #before = new Map<MetricSpec, Map<string, number>>();

  constructor(symbols: readonly MarketSymbol[]) {
    this.#bounds = new DimensionBounds(symbols);
    this.#batch = new MetricBatch(this.#bounds);
  }

  /** The lines to log. Zeros are told too: an alarm takes silence for a dead ingest. */
  measure(counts: IntakeCounts, status: IngestStatus, nowMs: Millis): readonly string[] {
    const batch = this.#batch;
    // Quotes are counted as such; every other frame came over the sockets of the trades.
    this.#count(METRICS.framesReceived, counts.frames - counts.quotes, 'trades');
    this.#count(METRICS.framesReceived, counts.quotes, 'quotes');
    this.#count(METRICS.quotesConflated, status.conflated_quotes);
    this.#count(METRICS.gapsFilled, counts.gapsFilled);
    this.#count(METRICS.gapsUnfillable, counts.gapsUnfillable);
    const reconnects = status.sockets.reduce((sum, socket) => sum + socket.reconnects, 0);
    this.#count(METRICS.socketReconnects, reconnects);
    for (const feed of ['trades', 'quotes'] as const) {
      const down = status.sockets.filter((socket) => !socket.open && feedOf(socket.name) === feed).length;
      batch.add(METRICS.socketsDown, down, { Feed: feed });
    }
    const gaps = status.symbols.reduce((sum, symbol) => sum + symbol.open_gaps, 0);
    batch.add(METRICS.gapsOpen, gaps);
    this.#freshness(status);
    return batch.flush(nowMs);
  }

  #freshness(status: IngestStatus): void {
    let other: Millis | undefined;
    for (const { symbol, quiet, last_frame_age_ms: age } of status.symbols) {
      // A socket that is open and answers says that nothing was traded: that is news too.
      const ageMs = quiet ? 0 : age;
      if (ageMs === null) continue;
      if (this.#bounds.bound('Symbol', symbol) === OTHER) other = Math.max(other ?? 0, ageMs);
      else this.#batch.add(METRICS.freshnessMs, ageMs, { Symbol: symbol });
    }
    if (other !== undefined) this.#batch.add(METRICS.freshnessMs, other, { Symbol: OTHER });
  }

  /** Adds what a figure has grown by since the last measurement. */
  #count(spec: MetricSpec, total: number, feed = ''): void {
    const before = this.#before.get(spec) ?? new Map<string, number>();
    this.#before.set(spec, before);
    this.#batch.add(spec, Math.max(0, total - (before.get(feed) ?? 0)), feed === '' ? {} : { Feed: feed });
    before.set(feed, total);
  }
}

/** Sockets are named by their feed: `t0`, `q0`. */
function feedOf(name: string): 'trades' | 'quotes' {
  return name.startsWith('q') ? 'quotes' : 'trades';
}
