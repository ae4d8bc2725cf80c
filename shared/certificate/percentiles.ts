/** Samples kept; beyond it every second one is left out, again and again. */
const KEPT = 1 << 19;

/** Percentiles in milliseconds, rounded to microseconds. */
export interface LatencySummary {
  readonly samples: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

/** Collects times and gives their percentiles; exact up to half a million, then of an even sample. */
export class Percentiles {
  #values: number[] = [];
  #stride = 1;
  #count = 0;
  #max = Number.NEGATIVE_INFINITY;

  add(valueMs: number): void {
    if (valueMs > this.#max) this.#max = valueMs;
    if (this.#count % this.#stride === 0) this.#values.push(valueMs);
    this.#count += 1;
    if (this.#values.length < KEPT) return;
    this.#values = this.#values.filter((_, at) => at % 2 === 0);
    this.#stride *= 2;
  }

  /** Null where there is no sample. */
  summary(): LatencySummary | null {
    if (this.#count === 0) return null;
    const sorted = Float64Array.from(this.#values).sort();
    const at = (share: number): number =>
      round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
    return {
      samples: this.#count,
      p50_ms: at(0.5),
      p95_ms: at(0.95),
      p99_ms: at(0.99),
      max_ms: round(this.#max),
    };
  }
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
