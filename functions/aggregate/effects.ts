import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import type { Signal } from '../../shared/events/signal.ts';
import { EvenSample } from '../../shared/metrics/even-sample.ts';
import type { Row } from '../../shared/row.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { MismatchRecord } from '../../shared/window/mismatch-record.ts';

/** A minute whose kline ingest is to fetch. */
export interface AuditRequest {
  readonly symbol: MarketSymbol;
  readonly openTimeUs: Micros;
}

/** A market signal with the epoch of the state that raised it, which its row's version needs. */
export interface RaisedSignal {
  readonly signal: Signal;
  readonly epoch: number;
}

/** A letter that lacks what only the adapter knows: when it was refused. */
export type RefusedRecord = Omit<DeadLetter, 'refusedMs' | 'attempts'>;

/** What folding a stretch of records asks to be done, before its state may be committed. */
export class Effects {
  readonly rows: Row[] = [];
  readonly audits: AuditRequest[] = [];
  readonly refused: RefusedRecord[] = [];
  readonly signals: RaisedSignal[] = [];
  /** Minutes that differ from the exchange's klines, both sides of each. */
  readonly mismatches: MismatchRecord[] = [];
  /** An even sample of when live trades were received. */
  readonly receivedUs = new EvenSample();
  readonly counts = {
    trades: 0,
    quotes: 0,
    duplicates: 0,
    late: 0,
    unreadable: 0,
    checked: 0,
    mismatches: 0,
    untiledAggregates: 0,
    signals: 0,
  };
}
