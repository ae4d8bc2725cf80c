import type { Severity } from '../../../shared/events/signal.ts';
import type { Millis } from '../../../shared/units.ts';
import type { StateChange } from '../cloudwatch/alarm-message.ts';

/** An alarm that is on, as the terminal lists it. */
export interface ActiveAlarm {
  /** Such as `market-whale-BTCUSDT` or `feed-stopped`. */
  readonly name: string;
  readonly severity: Severity;
  /** What has happened, in a few words. */
  readonly title: string;
  /** The symbol, function or hop; null where the family has one alarm only. */
  readonly instance: string | null;
  /** CloudWatch's sentence about the figures. */
  readonly reason: string;
  readonly sinceMs: Millis;
  /** Path from the root of the repository. */
  readonly runbook: string;
}

const LOUDEST_FIRST: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Follows the alarms' states and lists those that are on, the loudest first and then the oldest. */
export class ActiveAlarms {
  readonly #active = new Map<string, ActiveAlarm>();

  take(change: StateChange): void {
    const { alarm } = change;
    if (change.to !== 'ALARM') {
      this.#active.delete(alarm.name);
      return;
    }
    const { name, family, severity, title, runbook } = alarm;
    const instance = name === family ? null : name.slice(family.length + 1);
    const { reason, timeMs: sinceMs } = change;
    this.#active.set(name, { name, severity, title, instance, reason, sinceMs, runbook });
  }

  list(): readonly ActiveAlarm[] {
    return [...this.#active.values()].sort(
      (a, b) => LOUDEST_FIRST[a.severity] - LOUDEST_FIRST[b.severity] || a.sinceMs - b.sinceMs,
    );
  }
}
