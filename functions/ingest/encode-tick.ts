import type { NewTick } from './appended-before.ts';

/** STAND-IN until shared/events/tick-json.ts lands. */
export function encodeTick(tick: NewTick): string {
  return JSON.stringify({
    event_type: 'tick',
    symbol: tick.symbol,
    feed: tick.feed,
    time_ms: tick.timeUs / 1_000,
    contiguous_id: tick.contiguousId,
    gap: tick.gap && {
      from: tick.gap.from,
      to: tick.gap.to,
      state: tick.gap.state,
      before_ms: tick.gap.beforeUs / 1_000,
      after_ms: tick.gap.afterUs / 1_000,
    },
    began_ms: tick.beganUs === null ? null : tick.beganUs / 1_000,
    ended_ms: tick.endedUs === null ? null : tick.endedUs / 1_000,
  });
}
