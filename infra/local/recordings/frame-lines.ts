import type { Micros } from '../../../shared/units.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { type ReadContext, WatchedStreams } from './read-context.ts';
import type { RecordedItem } from './recorded-item.ts';

const STREAM_START = Buffer.from('{"stream":"');
const URL_LINE = /^(?:wss?|https?):\/\//;

/**
 * Reads lines of `<receive time, ns> <frame>` and of `<receive time, s.us>: <frame>`. A frame is handed on as
 * it stands, whatever is in it: judging it is the pipeline's work. Only where a line has no line end, or names
 * no stream at its beginning, is it parsed here.
 */
export async function* readFrameLines(
  chunks: AsyncIterable<Buffer>,
  context: ReadContext,
): AsyncGenerator<RecordedItem[]> {
  const splitter = new LineSplitter();
  const reader = new FrameLineReader(context);
  for await (const chunk of chunks) {
    const items = splitter.push(chunk).map((line) => reader.read(line));
    if (items.length > 0) yield items;
  }
  const last = splitter.end();
  if (last === undefined) return;
  const item = reader.read(last);
  if (item.kind === 'unreadable') context.onCut('the last line is cut');
  yield [item];
}

class FrameLineReader {
  readonly #context: ReadContext;
  readonly #streams: WatchedStreams;
  #lastUs: Micros;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#streams = new WatchedStreams(context.watched);
    this.#lastUs = context.startUs;
  }

  read(line: Line): RecordedItem {
    const place = { file: this.#context.file, line: line.number };
    if (line.tooLong) return this.#unreadable(line, this.#lastUs, 'the line is too long');
    const start = parseLineStart(line.bytes);
    if (start === undefined) {
      if (line.bytes.length === 0 || URL_LINE.test(line.bytes.toString('latin1', 0, 8))) {
        return { kind: 'not-frame', place };
      }
      return this.#unreadable(line, this.#lastUs, 'the line does not begin with a receive time');
    }
    const bytes = line.bytes.subarray(start.frameAt);
    const name = line.ended ? (nameAtStart(bytes) ?? nameWithin(bytes)) : nameWithin(bytes);
    if (name === undefined) return this.#unreadable(line, start.receivedUs, 'the frame is not JSON');
    this.#lastUs = start.receivedUs;
    if (name === null) return { kind: 'not-frame', place };
    const found = this.#streams.find(name);
    if (found === undefined) return { kind: 'skipped', place, stream: name };
    return { kind: 'frame', place, receivedUs: start.receivedUs, ...found, bytes };
  }

  #unreadable(line: Line, receivedUs: Micros, fault: string): RecordedItem {
    const place = { file: this.#context.file, line: line.number };
    const error = `${place.file}, line ${place.line}: ${fault}${line.ended ? '' : '; the file ends inside it'}`;
    return { kind: 'unreadable', place, receivedUs, bytes: line.bytes, error };
  }
}

/** The stream's name where the frame begins with it, as the exchange writes it. */
function nameAtStart(frame: Buffer): string | undefined {
  const from = STREAM_START.length;
  if (frame.length <= from || frame.compare(STREAM_START, 0, from, 0, from) !== 0) return undefined;
  const end = frame.indexOf(34, from);
  return end < 0 ? undefined : frame.toString('utf8', from, end);
}

/** The stream's name from the parsed frame: null where it names none, undefined where it is not JSON. */
function nameWithin(frame: Buffer): string | null | undefined {
  try {
    const value: unknown = JSON.parse(frame.toString('utf8'));
    if (typeof value !== 'object' || value === null || !('stream' in value)) return null;
    return typeof value.stream === 'string' ? value.stream : null;
  } catch {
    return undefined;
  }
}

/**
 * The receive time at the beginning of a line, and where the frame begins. Digits alone are nanoseconds, as in
 * 2024-08-08; digits with a point are seconds, as in 2021-04-04. What is below a microsecond is dropped.
 */
export function parseLineStart(line: Buffer): { receivedUs: Micros; frameAt: number } | undefined {
  let at = 0;
  let whole = 0;
  while (isDigit(line[at]) && at < 16) {
    whole = whole * 10 + digit(line[at]);
    at += 1;
  }
  if (at === 16) {
    while (isDigit(line[at])) at += 1;
    if (at !== 19 || line[at] !== 32) return undefined;
    return { receivedUs: whole, frameAt: at + 1 };
  }
  if (at === 0 || at > 10) return undefined;
  let receivedUs = whole * 1_000_000;
  if (line[at] === 46) {
    at += 1;
    for (let unit = 100_000; isDigit(line[at]); unit = Math.floor(unit / 10)) {
      receivedUs += digit(line[at]) * unit;
      at += 1;
    }
  }
  if (line[at] !== 58) return undefined;
  at += 1;
  if (line[at] === 32) at += 1;
  return { receivedUs, frameAt: at };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function digit(byte: number | undefined): number {
  return (byte ?? 48) - 48;
}
