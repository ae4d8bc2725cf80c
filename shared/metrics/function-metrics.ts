import type { MarketSymbol, Millis } from '../units.ts';
import { DimensionBounds } from './dimension-bounds.ts';
import { MetricBatch } from './metric-batch.ts';
import { METRICS, type MetricSpec } from './metric-catalogue.ts';

/** Where metrics go: a line of the embedded metric format each, to stdout on AWS, to the local alarms here. */
export interface MetricsPort {
  readonly emit: (line: string) => void;
  /** The present, wall time. */
  readonly nowMs: () => Millis;
  /** The watched symbols: the first 20 have metrics of their own. */
  readonly symbols: readonly MarketSymbol[];
  /** @default that of the catalogue */
  readonly namespace?: string;
}

/** The metrics of one invocation while it runs. */
export interface Invocation {
  readonly batch: MetricBatch;
  /** Emits what was gathered so far: for what must not be lost by a crash at the next step. */
  flush(): void;
}

/** The metrics of one instance of a function: each invocation emits its own once, at its end. */
export class FunctionMetrics {
  readonly #functionName: string;
  readonly #port: MetricsPort;
  readonly #bounds: DimensionBounds;
  /** Counted beside invocations, and emitted with the next that ends. */
  readonly #beside: MetricBatch;
  #isCold = true;

  constructor(functionName: string, port: MetricsPort) {
    this.#functionName = functionName;
    this.#port = port;
    this.#bounds = new DimensionBounds(port.symbols);
    this.#beside = new MetricBatch(this.#bounds, port.namespace);
  }

  /** Counts what an adapter does that knows no invocation, such as a retried call. */
  count(spec: MetricSpec, value: number): void {
    this.#beside.add(spec, value);
  }

  /** Runs one invocation and emits its metrics, also where it fails. */
  async invocation<Result>(
    records: number,
    work: (invocation: Invocation) => Promise<Result>,
  ): Promise<Result> {
    const batch = new MetricBatch(this.#bounds, this.#port.namespace);
    const flush = (): void => {
      for (const line of batch.flush(this.#port.nowMs())) this.#port.emit(line);
    };
    const dimensions = { Function: this.#functionName };
    batch.add(METRICS.batchRecords, records, dimensions);
    if (this.#isCold) batch.add(METRICS.coldStarts, 1, dimensions);
    this.#isCold = false;
    try {
      return await work({ batch, flush });
    } finally {
      flush();
      for (const line of this.#beside.flush(this.#port.nowMs())) this.#port.emit(line);
    }
  }
}

/** Runs an invocation with metrics where there are any, else without. */
export function measured<Result>(
  metrics: FunctionMetrics | undefined,
  records: number,
  work: (invocation: Invocation | undefined) => Promise<Result>,
): Promise<Result> {
  return metrics === undefined ? work(undefined) : metrics.invocation(records, work);
}
