import { millisText, millisTextOrNull } from './millis-text.ts';
import { originText } from './origin-json.ts';
import type { GapChange, Tick } from './tick.ts';

/** What a tick says, without where it stands in the raw log. */
export type RawTick = Omit<Tick, 'kind' | 'receivedUs' | 'source' | 'raw'>;

/** A tick as ingest writes it to a raw topic; receipt and source stand in the record's header `m`. */
export function encodeRawTick(tick: RawTick): string {
  return `${body(tick)}}`;
}

/** A validated tick as JSON text, in fixed field order. */
export function encodeTick(tick: Tick): string {
  return `${body(tick)},"ingestion_time_ms":${millisText(tick.receivedUs)},${originText(tick.source, tick.raw)}`;
}

function body(tick: RawTick): string {
  return (
    `{"event_type":"tick","symbol":"${tick.symbol}","feed":"${tick.feed}"` +
    `,"time_ms":${millisText(tick.timeUs)},"contiguous_id":${tick.contiguousId}` +
    `,"gap":${tick.gap === null ? 'null' : gapText(tick.gap)}` +
    `,"began_ms":${millisTextOrNull(tick.beganUs)},"ended_ms":${millisTextOrNull(tick.endedUs)}`
  );
}

function gapText(gap: GapChange): string {
  return (
    `{"from":${gap.from},"to":${gap.to},"state":"${gap.state}"` +
    `,"before_ms":${millisText(gap.beforeUs)},"after_ms":${millisText(gap.afterUs)}}`
  );
}
