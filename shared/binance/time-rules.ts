import type { Micros } from '../units.ts';
import type { FieldReader } from './field-reader.ts';
import type { ReadContext } from './raw-record.ts';

/** Holds an event that came over a socket to the time of its receipt, both ways. */
export function checkTimeOff(fields: FieldReader, name: string, timeUs: Micros, context: ReadContext): void {
  if (Math.abs(timeUs - context.receivedUs) > context.rules.maxTimeOffUs)
    refuseTime(fields, name, timeUs, context);
}

/** Holds an event that came over REST to its receipt: it may be old, but not of the future. */
export function checkTimeAhead(
  fields: FieldReader,
  name: string,
  timeUs: Micros,
  context: ReadContext,
): void {
  if (timeUs - context.receivedUs > context.rules.maxTimeOffUs) refuseTime(fields, name, timeUs, context);
}

function refuseTime(fields: FieldReader, name: string, timeUs: Micros, context: ReadContext): void {
  const offSeconds = Math.round((timeUs - context.receivedUs) / 1_000_000);
  const side = offSeconds < 0 ? 'before' : 'after';
  fields.refuse('TIME_OFF', `\`${name}\` is ${Math.abs(offSeconds)} s ${side} the receipt.`);
}
