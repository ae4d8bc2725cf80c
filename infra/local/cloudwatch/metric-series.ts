import type { Statistic } from '../../../shared/alarms/alarm-family.ts';
import type { Millis } from '../../../shared/units.ts';
import type { DataPoint } from './evaluate-alarm.ts';

/** A percentile is taken from so many values of a period at most; later ones are left out. */
const MAX_VALUES = 10_000;

interface Period {
  sum: number;
  count: number;
  min: number;
  max: number;
  readonly values: number[];
}

/** The values of one metric, in periods of one length, as far back as an alarm looks. */
export class MetricSeries {
  readonly #periodMs: number;
  readonly #statistic: Statistic;
  readonly #keptPeriods: number;
  readonly #periods = new Map<Millis, Period>();

  constructor(options: {
    readonly periodSeconds: number;
    readonly statistic: Statistic;
    /** Periods before the newest that are kept. */
    readonly keptPeriods: number;
  }) {
    this.#periodMs = options.periodSeconds * 1000;
    this.#statistic = options.statistic;
    this.#keptPeriods = options.keptPeriods;
  }

  /** Takes in a value; its time decides the period, also where that has passed. */
  add(timeMs: Millis, value: number): void {
    const startMs = Math.floor(timeMs / this.#periodMs) * this.#periodMs;
    let period = this.#periods.get(startMs);
    if (period === undefined) {
      period = { sum: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, values: [] };
      this.#periods.set(startMs, period);
      this.#forget(startMs);
    }
    period.sum += value;
    period.count += 1;
    period.min = Math.min(period.min, value);
    period.max = Math.max(period.max, value);
    if (this.#statistic.startsWith('p') && period.values.length < MAX_VALUES) period.values.push(value);
  }

  /** The figure of the period that begins at `startMs`. */
  at(startMs: Millis): DataPoint {
    const period = this.#periods.get(startMs);
    return period === undefined ? undefined : figure(period, this.#statistic);
  }

  #forget(newestMs: Millis): void {
    for (const startMs of this.#periods.keys()) {
      if (startMs < newestMs - this.#keptPeriods * this.#periodMs) this.#periods.delete(startMs);
    }
  }
}

function figure(period: Period, statistic: Statistic): number {
  switch (statistic) {
    case 'Sum':
      return period.sum;
    case 'Average':
      return period.sum / period.count;
    case 'Minimum':
      return period.min;
    case 'Maximum':
      return period.max;
    case 'SampleCount':
      return period.count;
    default:
      return percentile(period.values, Number(statistic.slice(1)));
  }
}

/** Nearest rank: the smallest value that so many percent of the values do not exceed. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
