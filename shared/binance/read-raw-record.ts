import { refuse, shown } from '../events/reasons.ts';
import { isPlausibleUs } from './exchange-time.ts';
import { isJsonObject, type JsonObject } from './field-reader.ts';
import { scanFrame } from './frame-scan.ts';
import type { RawOutcome, RawRecord, ReadContext } from './raw-record.ts';
import { readAggTradeFrame, readRestAggTrade } from './read-agg-trade.ts';
import { readBookTicker } from './read-book-ticker.ts';
import { readKlineFrame, readRestKline } from './read-kline.ts';
import { readTick } from './read-tick.ts';
import { readRestTrade, readTradeFrame } from './read-trade.ts';
import type { ValidationRules } from './validation-rules.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads one record of a raw topic: an exchange frame with or without the combined-stream envelope, an
 * object or array of a REST answer, or a tick of ingest. It never throws: what no rule allows is refused
 * with a reason. Without a readable header the record counts as `live`, received at its own timestamp.
 */
export function readRawRecord(record: RawRecord, rules: ValidationRules): RawOutcome {
  const context: ReadContext = {
    key: record.key,
    receivedUs: record.header?.receivedUs ?? Math.round(record.timestampMs * 1000),
    source: record.header?.source ?? 'live',
    raw: record.raw,
    rules,
  };
  if (!isPlausibleUs(context.receivedUs)) {
    return refuse('RECEIVED_UNKNOWN', `The time is ${shown(context.receivedUs)} microseconds.`);
  }
  return scanFrame(record.value, context) ?? readWhole(record.value, context);
}

/** The full parse, for every layout; the byte scan of the common frames must agree with it. */
export function readWhole(value: Uint8Array, context: ReadContext): RawOutcome {
  let text: string;
  try {
    text = UTF8.decode(value);
  } catch {
    return refuse('NOT_UTF8', `They are ${value.length} bytes.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('NOT_JSON', `It begins with ${shown(text.slice(0, 40))}.`);
  }
  return readJson(json, context);
}

function readJson(json: unknown, context: ReadContext): RawOutcome {
  if (Array.isArray(json)) return readRestKline(json, context);
  if (!isJsonObject(json)) return refuse('UNKNOWN_EVENT', `It is ${shown(json)}.`);
  if (json.event_type === 'tick') return readTick(json, context);
  const { stream, data } = json;
  if (stream === undefined && data === undefined) return readData(json, undefined, context);
  if (typeof stream !== 'string') return refuse('WRONG_TYPE', `\`stream\` is ${shown(stream)}, not text.`);
  if (stream === '!serverShutdown') return SHUTDOWN;
  if (!isJsonObject(data)) return refuse('WRONG_TYPE', `\`data\` is ${shown(data)}, not an object.`);
  const outcome = readData(data, stream.slice(stream.indexOf('@') + 1), context);
  if (outcome.kind !== 'event') return outcome;
  if (!isStreamOf(stream, outcome.event.kind, outcome.event.symbol)) {
    return refuse('STREAM_MISMATCH', `The stream is ${shown(stream)}.`);
  }
  const extra = Object.keys(json).length - 2;
  return extra === 0 ? outcome : { ...outcome, unknownFields: outcome.unknownFields + extra };
}

const SHUTDOWN: RawOutcome = { kind: 'ignored', why: 'the exchange announces a shutdown' };

/** Reads an object by the event it names; `bookTicker` and REST objects name none. */
function readData(data: JsonObject, streamType: string | undefined, context: ReadContext): RawOutcome {
  if (data.e === undefined) return readNameless(data, streamType, context);
  switch (data.e) {
    case 'trade':
      return readTradeFrame(data, context);
    case 'aggTrade':
      return readAggTradeFrame(data, context);
    case 'kline':
      return readKlineFrame(data, context);
    case 'serverShutdown':
      return SHUTDOWN;
    default:
      return refuse('UNKNOWN_EVENT', `It is ${shown(data.e)}.`);
  }
}

function readNameless(data: JsonObject, streamType: string | undefined, context: ReadContext): RawOutcome {
  if (streamType === 'bookTicker' || ('u' in data && 'B' in data)) return readBookTicker(data, context);
  if (streamType !== undefined) return refuse('MISSING_FIELD', 'It is `e`, the name of the event.');
  if ('id' in data && 'isBuyerMaker' in data) return readRestTrade(data, context);
  if ('f' in data && 'l' in data && !('s' in data)) return readRestAggTrade(data, context);
  return refuse('UNKNOWN_EVENT', 'It names no event.');
}

const STREAM_TYPES = {
  trade: 'trade',
  aggTrade: 'aggTrade',
  quote: 'bookTicker',
  kline: 'kline_1m',
  tick: undefined,
} as const;

function isStreamOf(stream: string, kind: keyof typeof STREAM_TYPES, symbol: string): boolean {
  const name = `${symbol.toLowerCase()}@${STREAM_TYPES[kind]}`;
  // A kline stream of another time zone (`…@kline_1m@+08:00`) carries the same minutes.
  return stream === name || (kind === 'kline' && stream.startsWith(`${name}@`));
}
