import type { Micros } from '../../../shared/units.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { type ReadContext, WatchedStreams } from './read-context.ts';
import type { RecordedItem } from './recorded-item.ts';

const COLUMNS = [
  'TimestampOfReceive',
  'Stream',
  'EventType',
  'EventTime',
  'TransactionTime',
  'Symbol',
  'TradeId',
  'Price',
  'Quantity',
  'IsBuyerMarketMaker',
] as const;
type Column = (typeof COLUMNS)[number];

/** The names of the columns; undefined where the line is not the header of such a file. */
export function parseCsvHeader(line: string): readonly string[] | undefined {
  const names = line.trim().split(',');
  return COLUMNS.every((column) => names.includes(column)) ? names : undefined;
}

/** Reads trades from rows with a header, times in microseconds; each row becomes the `trade` frame it names. */
export async function* readCsvRows(
  chunks: AsyncIterable<Buffer>,
  context: ReadContext,
): AsyncGenerator<RecordedItem[]> {
  const splitter = new LineSplitter();
  const reader = new CsvRowReader(context);
  for await (const chunk of chunks) {
    const items = splitter.push(chunk).flatMap((line) => reader.read(line));
    if (items.length > 0) yield items;
  }
  const last = splitter.end();
  if (last === undefined) return;
  const items = reader.read(last);
  if (items.some((item) => item.kind === 'unreadable')) context.onCut('the last row is cut');
  yield items;
}

class CsvRowReader {
  readonly #context: ReadContext;
  readonly #streams: WatchedStreams;
  #header: readonly string[] = [];
  #lastUs: Micros;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#streams = new WatchedStreams(context.watched);
    this.#lastUs = context.startUs;
  }

  read(line: Line): RecordedItem[] {
    const place = { file: this.#context.file, line: line.number };
    const text = line.bytes.toString('utf8');
    if (this.#header.length === 0) {
      this.#header = parseCsvHeader(text) ?? COLUMNS;
      return [{ kind: 'not-frame', place }];
    }
    if (text === '') return [{ kind: 'not-frame', place }];
    const cells = text.split(',');
    const cell = (column: Column): string => cells[this.#header.indexOf(column)] ?? '';
    const received = cell('TimestampOfReceive');
    if (cells.length !== this.#header.length || line.tooLong || !/^\d{16}$/.test(received)) {
      const error = `${place.file}, line ${place.line}: the row does not fit the header's ${this.#header.length} columns`;
      return [{ kind: 'unreadable', place, receivedUs: this.#lastUs, bytes: line.bytes, error }];
    }
    const receivedUs = Number(received);
    this.#lastUs = receivedUs;
    const name = cell('Stream');
    const found = this.#streams.find(name);
    if (found?.stream !== 'trade') return [{ kind: 'skipped', place, stream: name }];
    const bytes = Buffer.from(tradeFrame(name, cell, cells[this.#header.indexOf('MUnknownParameter')]));
    return [{ kind: 'frame', place, receivedUs, ...found, bytes }];
  }
}

function tradeFrame(name: string, cell: (column: Column) => string, bestMatch: string | undefined): string {
  const data = [
    `"e":${JSON.stringify(cell('EventType'))}`,
    `"E":${integer(cell('EventTime'))}`,
    `"s":${JSON.stringify(cell('Symbol'))}`,
    `"t":${integer(cell('TradeId'))}`,
    `"p":${JSON.stringify(cell('Price'))}`,
    `"q":${JSON.stringify(cell('Quantity'))}`,
    `"T":${integer(cell('TransactionTime'))}`,
    `"m":${flag(cell('IsBuyerMarketMaker'))}`,
    ...(bestMatch === undefined || bestMatch === '' ? [] : [`"M":${flag(bestMatch)}`]),
  ];
  return `{"stream":${JSON.stringify(name)},"data":{${data.join(',')}}}`;
}

/** What is no integer stays as text, so that validation sees it and says so. */
function integer(text: string): string {
  return /^-?(?:0|[1-9]\d*)$/.test(text) ? text : JSON.stringify(text);
}

function flag(text: string): string {
  if (/^(?:1|true)$/i.test(text)) return 'true';
  return /^(?:0|false)$/i.test(text) ? 'false' : JSON.stringify(text);
}
