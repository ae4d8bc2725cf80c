import type { Micros } from '../units.ts';
import { SOURCES, type Source } from './source.ts';

/** The name of the one header of a raw record. */
export const RAW_HEADER = 'm';

/** What ingest knows of a frame beside its bytes. */
export interface RawHeader {
  readonly receivedUs: Micros;
  /** The connection that brought it, such as `t0-1`; unique within a run of ingest. */
  readonly connection: string;
  readonly source: Source;
  /** Counts the frames of the feed from 0; a replay resumes by it. */
  readonly frame: number;
}

/** `v1|<received, µs>|<connection>|<source>|<frame number>` */
export function encodeRawHeader(header: RawHeader): string {
  return `v1|${header.receivedUs}|${header.connection}|${header.source}|${header.frame}`;
}

/** The header back from its text; undefined where it is not one. Every raw record passes here, so it splits nothing. */
export function parseRawHeader(text: string): RawHeader | undefined {
  if (!text.startsWith(VERSION)) return undefined;
  const received = VERSION.length;
  const connection = text.indexOf('|', received) + 1;
  const source = text.indexOf('|', connection) + 1;
  const frame = text.indexOf('|', source) + 1;
  if (connection === 0 || source === 0 || frame === 0) return undefined;
  const receivedUs = wholeNumber(text, received, connection - 1);
  const frameNumber = wholeNumber(text, frame, text.length);
  const known = SOURCES.find((name) => name.length === frame - 1 - source && text.startsWith(name, source));
  if (receivedUs < 0 || frameNumber < 0 || known === undefined) return undefined;
  return { receivedUs, connection: text.slice(connection, source - 1), source: known, frame: frameNumber };
}

const VERSION = 'v1|';

/** The 1 to 16 digits between two places as a safe integer; -1 where they are none. */
function wholeNumber(text: string, start: number, end: number): number {
  if (end === start || end - start > 16) return -1;
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return Number.isSafeInteger(value) ? value : -1;
}
