import type { MarketEvent } from '../events/market-event.ts';
import type { RawHeader } from '../events/raw-header.ts';
import type { Refused } from '../events/reasons.ts';
import type { RawPosition, Source } from '../events/source.ts';
import type { Micros, Millis } from '../units.ts';
import type { ValidationRules } from './validation-rules.ts';

/** A record of a raw topic: the exchange's bytes and what is known beside them. */
export interface RawRecord {
  readonly value: Uint8Array;
  readonly key: string | null;
  /** The header `m`; undefined where it is missing or unreadable. */
  readonly header: RawHeader | undefined;
  readonly raw: RawPosition;
  /** The record's own timestamp: when it was received, where there is no header. */
  readonly timestampMs: Millis;
}

/** Nothing for the windows, and no fault either: an open kline, the exchange's notice of a shutdown. */
export interface Ignored {
  readonly kind: 'ignored';
  readonly why: string;
}

/** A valid event; `unknownFields` counts the fields that no rule knows (schema drift). */
export interface Accepted {
  readonly kind: 'event';
  readonly event: MarketEvent;
  readonly unknownFields: number;
}

/** What became of a raw record. */
export type RawOutcome = Accepted | Ignored | Refused;

/** What the readers of all event kinds need beside the JSON. */
export interface ReadContext {
  readonly key: string | null;
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
  readonly rules: ValidationRules;
}
