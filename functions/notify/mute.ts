import type { SignalKind } from '../../shared/events/signal.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { AlarmChange } from './alarm-change.ts';

/** What is not told for a while. An absent field fits everything: without both it mutes every market alarm. */
export interface Mute {
  readonly symbol?: MarketSymbol;
  readonly kind?: SignalKind;
  readonly fromMs: Millis;
  readonly untilMs: Millis;
  /** Who and why, for those who wonder. */
  readonly note: string;
}

/** Whether a change is muted. Only market alarms can be: a fault of the pipeline is always told. */
export function isMuted(change: AlarmChange, mutes: readonly Mute[], nowMs: Millis): boolean {
  if (change.kind === null) return false;
  return mutes.some(
    (mute) =>
      mute.fromMs <= nowMs &&
      nowMs < mute.untilMs &&
      (mute.symbol === undefined || mute.symbol === change.instance) &&
      (mute.kind === undefined || mute.kind === change.kind),
  );
}
