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

/** The header back from its text; undefined where it is not one. */
export function parseRawHeader(text: string): RawHeader | undefined {
  const [version, received, connection, source, frame, ...rest] = text.split('|');
  if (version !== 'v1' || connection === undefined || rest.length > 0) return undefined;
  const receivedUs = wholeNumber(received);
  const frameNumber = wholeNumber(frame);
  const known = SOURCES.find((candidate) => candidate === source);
  if (receivedUs === undefined || frameNumber === undefined || known === undefined) return undefined;
  return { receivedUs, connection, source: known, frame: frameNumber };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
