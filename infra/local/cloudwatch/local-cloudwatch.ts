import type { AlarmDefinition } from '../../../shared/alarms/alarm-family.ts';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { Millis } from '../../../shared/units.ts';
import { alarmMessage, LOCAL_ACCOUNT, type LocalAccount, type StateChange } from './alarm-message.ts';
import {
  type AlarmState,
  breaches,
  type DataPoint,
  evaluateAlarm,
  evaluationRange,
} from './evaluate-alarm.ts';
import { MetricSeries } from './metric-series.ts';
import { type MetricValue, readEmf } from './read-emf.ts';
import { stateReason } from './state-reason.ts';

/** What the local CloudWatch needs. */
export interface LocalCloudWatchOptions {
  readonly clock: Clock;
  readonly alarms: readonly AlarmDefinition[];
  /** The SNS topic of the alarms: hears ALARM and OK, as the alarms' actions say. */
  readonly publish: (notification: { readonly subject: string; readonly message: string }) => void;
  /** Hears every change of state, for the terminal. */
  readonly onStateChange?: (change: StateChange) => void;
  /** @default LOCAL_ACCOUNT */
  readonly account?: LocalAccount;
  /** How often alarms are evaluated. @default 1000 */
  readonly evaluateEveryMs?: Millis;
}

interface Watched {
  readonly alarm: AlarmDefinition;
  readonly series: MetricSeries;
  state: AlarmState;
}

/**
 * Evaluates the alarm catalogue over metrics in the embedded metric format, as CloudWatch does, on an injected
 * clock. A period that still runs counts only where its figure breaches and can only rise further (a sum or a
 * maximum over a threshold): then waiting for its end would only delay the alarm. Every alarm starts with
 * insufficient data; one that takes silence for a fault is judged from its first whole evaluation on.
 */
export class LocalCloudWatch {
  readonly #options: LocalCloudWatchOptions;
  readonly #watched: readonly Watched[];
  readonly #bySeries = new Map<string, Watched[]>();
  readonly #startedMs: Millis;
  #timer: Timer | undefined;

  constructor(options: LocalCloudWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowUs() / 1000;
    this.#watched = options.alarms.map((alarm) => ({
      alarm,
      series: new MetricSeries({ ...alarm, keptPeriods: evaluationRange(alarm) + 1 }),
      state: 'INSUFFICIENT_DATA',
    }));
    for (const watched of this.#watched) {
      const key = seriesKey(watched.alarm.namespace, watched.alarm.metric, watched.alarm.dimensions);
      const list = this.#bySeries.get(key);
      if (list === undefined) this.#bySeries.set(key, [watched]);
      else list.push(watched);
    }
    this.#schedule();
  }

  /** Takes a line that a function or ingest logged; a line without metrics is let pass. */
  log(line: string): void {
    for (const value of readEmf(line)) this.put(value);
  }

  /** Takes one value: what AWS itself measures has no embedded format. */
  put(value: MetricValue): void {
    for (const watched of this.#bySeries.get(seriesKey(value.namespace, value.name, value.dimensions)) ??
      []) {
      watched.series.add(value.timeMs, value.value);
    }
  }

  /** Evaluates every alarm now. */
  evaluate(): void {
    const nowMs = this.#options.clock.nowUs() / 1000;
    for (const watched of this.#watched) this.#evaluateOne(watched, nowMs);
  }

  /** The alarms that are in a state, by name. */
  inState(state: AlarmState): readonly AlarmDefinition[] {
    return this.#watched.filter((watched) => watched.state === state).map((watched) => watched.alarm);
  }

  /** Stops evaluating. */
  close(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(this.#options.evaluateEveryMs ?? 1000, () => {
      this.evaluate();
      this.#schedule();
    });
  }

  #evaluateOne(watched: Watched, nowMs: Millis): void {
    const { alarm, series } = watched;
    const periodMs = alarm.periodSeconds * 1000;
    if (alarm.missingData === 'breaching' && nowMs < this.#startedMs + alarm.evaluationPeriods * periodMs)
      return;
    const runningMs = Math.floor(nowMs / periodMs) * periodMs;
    const newestMs = countsWhileRunning(alarm, series.at(runningMs)) ? runningMs : runningMs - periodMs;
    const points = Array.from({ length: evaluationRange(alarm) }, (_, age) =>
      series.at(newestMs - age * periodMs),
    );
    const evaluation = evaluateAlarm(points, alarm);
    if (evaluation.state === 'retain' || evaluation.state === watched.state) return;
    const change: StateChange = {
      alarm,
      from: watched.state,
      to: evaluation.state,
      reason: stateReason(alarm, evaluation, evaluation.state, (age) => ({
        value: points[age],
        startMs: newestMs - age * periodMs,
      })),
      timeMs: nowMs,
    };
    watched.state = evaluation.state;
    this.#options.onStateChange?.(change);
    if (change.to === 'INSUFFICIENT_DATA') return;
    this.#options.publish(alarmMessage(change, this.#options.account ?? LOCAL_ACCOUNT, this.#startedMs));
  }
}

function countsWhileRunning(alarm: AlarmDefinition, point: DataPoint): boolean {
  const rises =
    alarm.statistic === 'Sum' || alarm.statistic === 'Maximum' || alarm.statistic === 'SampleCount';
  return rises && alarm.comparison.startsWith('GreaterThan') && breaches(point, alarm);
}

function seriesKey(
  namespace: string,
  metric: string,
  dimensions: readonly (readonly [name: string, value: string])[],
): string {
  return JSON.stringify([namespace, metric, dimensions.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
