import { DimensionBounds } from '../../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { MarketSymbol } from '../../../shared/units.ts';

/** The metrics of a function's invocations: gathered while one runs, one write to the log at its end. */
export class InvocationMetrics {
  readonly bounds: DimensionBounds;
  readonly batch: MetricBatch;
  readonly #functionName: string;
  readonly #write: (text: string) => void;
  #isCold = true;

  /** `symbols` have metrics of their own; the rest share one. */
  constructor(
    functionName: string,
    symbols: readonly MarketSymbol[],
    write: (text: string) => void = (text) => console.log(text),
  ) {
    this.#functionName = functionName;
    this.#write = write;
    this.bounds = new DimensionBounds(symbols);
    this.batch = new MetricBatch(this.bounds);
  }

  /**
   * Runs one invocation and logs its metrics, also where it fails. Two invocations never overlap in a function's
   * process.
   */
  async during<Result>(records: number, run: () => Promise<Result>): Promise<Result> {
    const own = { Function: this.#functionName };
    this.batch.add(METRICS.batchRecords, records, own);
    if (this.#isCold) this.batch.add(METRICS.coldStarts, 1, own);
    this.#isCold = false;
    try {
      return await run();
    } finally {
      const lines = this.batch.flush(Date.now());
      if (lines.length > 0) this.#write(lines.join('\n'));
    }
  }
}
