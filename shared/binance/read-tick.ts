import { refuse, shown } from '../events/reasons.ts';
import type { Feed, GapChange, GapState, Tick } from '../events/tick.ts';
import type { Micros } from '../units.ts';
import { FieldReader, isJsonObject, type JsonObject } from './field-reader.ts';
import type { RawOutcome, ReadContext } from './raw-record.ts';
import { symbolRefusal } from './symbol-rules.ts';
import { checkTimeAhead } from './time-rules.ts';

const FIELDS = new Set([
  'event_type',
  'symbol',
  'feed',
  'time_ms',
  'contiguous_id',
  'gap',
  'began_ms',
  'ended_ms',
]);
const FEEDS: readonly Feed[] = ['trades', 'quotes'];
const STATES: readonly GapState[] = ['open', 'filled', 'unfillable'];

/** A tick, ingest's own record. Its time may be as old as a silent socket makes it, but not of the future. */
export function readTick(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event = tickFields(fields, data, context);
  checkTimeAhead(fields, 'time_ms', event.timeUs, context);
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  if (refusal?.reason.startsWith('SYMBOL')) return refusal;
  if (refusal !== undefined) return refuse('TICK_INVALID', refusal.error);
  return { kind: 'event', event, unknownFields: fields.unknown(FIELDS) };
}

/** The fields that a tick has in the raw log and after validation alike. */
export function tickFields(
  fields: FieldReader,
  data: JsonObject,
  origin: Pick<Tick, 'receivedUs' | 'source' | 'raw'>,
): Tick {
  return {
    kind: 'tick',
    symbol: fields.text('symbol'),
    feed: oneOf(fields, 'feed', FEEDS),
    timeUs: fields.millisUs('time_ms'),
    contiguousId: data.contiguous_id === null ? null : fields.id('contiguous_id'),
    gap: data.gap === null ? null : gapChange(fields, data.gap),
    beganUs: millisOrNull(fields, data, 'began_ms'),
    endedUs: millisOrNull(fields, data, 'ended_ms'),
    receivedUs: origin.receivedUs,
    source: origin.source,
    raw: origin.raw,
  };
}

function gapChange(fields: FieldReader, value: unknown): GapChange | null {
  if (!isJsonObject(value)) {
    fields.refuse(value === undefined ? 'MISSING_FIELD' : 'WRONG_TYPE', `\`gap\` is ${shown(value)}.`);
    return null;
  }
  const inner = new FieldReader(value);
  const gap: GapChange = {
    from: inner.id('from'),
    to: inner.id('to'),
    state: oneOf(inner, 'state', STATES),
    beforeUs: inner.millisUs('before_ms'),
    afterUs: inner.millisUs('after_ms'),
  };
  if (gap.from > gap.to) inner.refuse('ID_RANGE', `\`from\` is ${gap.from}, \`to\` is ${gap.to}.`);
  fields.refusal ??= inner.refusal;
  return gap;
}

function millisOrNull(fields: FieldReader, data: JsonObject, name: string): Micros | null {
  return data[name] === null ? null : fields.millisUs(name);
}

function oneOf<T extends string>(
  fields: FieldReader,
  name: string,
  allowed: readonly [T, ...T[]] | readonly T[],
): T {
  const text = fields.text(name);
  const known = allowed.find((candidate) => candidate === text);
  if (known !== undefined) return known;
  fields.refuse('WRONG_TYPE', `\`${name}\` is ${shown(text)}, not one of ${allowed.join(', ')}.`);
  const [first] = allowed;
  return first as T;
}
