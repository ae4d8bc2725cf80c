import { exchangeTimeUs } from '../../shared/binance/exchange-time.ts';
import { peekFrame } from '../../shared/binance/peek-frame.ts';
import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Decimal } from '../../shared/decimal.ts';
import type { RawHeader } from '../../shared/events/raw-header.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';

/** What ingest must know of a frame; it never changes it. */
export type FrameFacts =
  | {
      readonly kind: 'trade';
      readonly symbol: MarketSymbol;
      readonly tradeId: number;
      readonly tradeTimeUs: Micros;
      readonly quantity: Decimal;
      /** `E`, else `T`. */
      readonly exchangeUs: Micros;
    }
  /**
   * An aggTrade, a kline, a quote, or what validate will refuse. `symbol` is null where none could be found,
   * `exchangeUs` where the frame carries no time.
   */
  | { readonly kind: 'other'; readonly symbol: MarketSymbol | null; readonly exchangeUs: Micros | null }
  /** The exchange is about to close the socket. */
  | { readonly kind: 'shutdown' }
  /** An answer to a request of ours: not market data. */
  | { readonly kind: 'answer' };

/** Ingest reads before the log has given the record a place. */
const NO_PLACE = { partition: 0, offset: 0 } as const;
const E = Buffer.from('"E":');

/**
 * Reads of a frame what keys it and keeps the ledger. A trade counts as one only if it passes the rules that
 * validate applies; of the others as little as possible is looked at. `symbol` is given for REST records, which
 * do not name it. Never throws.
 */
export function readFrame(
  bytes: Buffer,
  header: RawHeader,
  rules: ValidationRules,
  symbol?: MarketSymbol,
): FrameFacts {
  if (symbol !== undefined) return readTrade(bytes, symbol, header, rules);
  const peek = peekFrame(bytes);
  switch (peek?.stream) {
    case undefined:
      return readUnusual(bytes, header, rules);
    case 'trade':
      return readTrade(bytes, peek?.symbol ?? '', header, rules);
    case 'bookTicker':
      return { kind: 'other', symbol: peek?.symbol ?? null, exchangeUs: null };
    default:
      return {
        kind: 'other',
        symbol: peek?.symbol ?? null,
        exchangeUs: eventTime(bytes, header.receivedUs, rules),
      };
  }
}

function readTrade(
  bytes: Buffer,
  symbol: MarketSymbol,
  header: RawHeader,
  rules: ValidationRules,
): FrameFacts {
  const outcome = readRawRecord({ value: bytes, key: symbol, header, raw: NO_PLACE, timestampMs: 0 }, rules);
  const event = outcome.kind === 'event' ? outcome.event : undefined;
  if (event?.kind === 'trade')
    return {
      kind: 'trade',
      symbol,
      tradeId: event.tradeId,
      tradeTimeUs: event.tradeTimeUs,
      quantity: event.quantity,
      exchangeUs: event.eventTimeUs ?? event.tradeTimeUs,
    };
  const exchangeUs = event?.kind === 'aggTrade' ? (event.eventTimeUs ?? event.tradeTimeUs) : null;
  return { kind: 'other', symbol, exchangeUs };
}

/** `E` where it stands, if it is sane against the receipt; null otherwise. */
function eventTime(bytes: Buffer, receivedUs: Micros, rules: ValidationRules): Micros | null {
  const at = bytes.indexOf(E);
  if (at < 0) return null;
  let value = 0;
  for (let index = at + E.length; index < at + E.length + 17; index += 1) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const timeUs = exchangeTimeUs(value);
  return timeUs === undefined || Math.abs(timeUs - receivedUs) > rules.maxTimeOffUs ? null : timeUs;
}

/** No envelope that we know: a control frame, another stream, a raw frame, or garbage. */
function readUnusual(bytes: Buffer, header: RawHeader, rules: ValidationRules): FrameFacts {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { kind: 'other', symbol: null, exchangeUs: null };
  }
  if (!isRecord(value)) return { kind: 'other', symbol: null, exchangeUs: null };
  if ('id' in value && ('result' in value || 'error' in value)) return { kind: 'answer' };
  if (value.stream === '!serverShutdown' || value.e === 'serverShutdown') return { kind: 'shutdown' };
  const data = isRecord(value.data) ? value.data : value;
  if (typeof data.s !== 'string' || data.s === '') return { kind: 'other', symbol: null, exchangeUs: null };
  return readTrade(bytes, data.s, header, rules);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
