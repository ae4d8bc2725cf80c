import { createHash } from 'node:crypto';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { fileChunks } from './file-chunks.ts';
import { findInputs, type InputFile } from './input-file.ts';
import { mergeByTime } from './merge-by-time.ts';
import type { Watched } from './read-context.ts';
import type { RecordedItem, StreamType } from './recorded-item.ts';
import { STREAM_TYPES } from './stream-name.ts';

/** What of a recording is wanted. */
export interface RecordingOptions {
  /** @default every symbol of the files */
  readonly symbols?: readonly MarketSymbol[];
  /** @default those of the four known streams that the files hold */
  readonly streams?: readonly StreamType[];
}

/** A recording of the exchange, opened: its files have been read once, to know what they hold. */
export interface Recording {
  readonly symbols: readonly MarketSymbol[];
  readonly streams: readonly StreamType[];
  /** Lines that a replay hands to ingest. */
  readonly frames: number;
  /** Hexadecimal SHA-256 over the files' digests, the symbols and the streams. */
  readonly digest: string;
  /**
   * All that the files hold, merged by receive time, each file in its own order. It may be called again and then
   * begins anew. Nothing is held but a chunk of each file.
   */
  items(): AsyncIterable<RecordedItem>;
  /** What ended early and where, what was left out, what was asked for and is not there. */
  readonly warnings: readonly string[];
}

/**
 * Opens files and folders of recorded market data in any of the formats that are known.
 * @throws CodedError `RECORDING_MISSING`, `RECORDING_FORMAT_UNKNOWN`, `RECORDING_UNREADABLE`, and
 * `RECORDING_SYMBOL_UNKNOWN` where a REST answer's symbol is told neither by the file's name nor by `symbols`.
 */
export async function openRecording(
  paths: readonly string[],
  options: RecordingOptions = {},
): Promise<Recording> {
  const asked = options.symbols?.map((symbol) => symbol.toUpperCase());
  const watched: Watched = {
    symbols: asked === undefined ? undefined : new Set(asked),
    streams: options.streams === undefined ? undefined : new Set(options.streams),
  };
  const inputs = await findInputs(paths);
  const files = inputs.files.toSorted((a, b) => Number(a.last) - Number(b.last));
  const onlySymbol = asked?.length === 1 ? asked[0] : undefined;
  const cuts = new Map<string, string>();
  const read = (file: InputFile, startUs: Micros): AsyncGenerator<RecordedItem[]> =>
    readFile(file, file.namedSymbol ?? onlySymbol, watched, startUs, cuts);

  const starts = new Map<InputFile, Micros>();
  const symbols = new Set<MarketSymbol>();
  const streams = new Set<StreamType>();
  let frames = 0;
  for (const file of files) {
    for await (const batch of read(file, 0)) {
      for (const item of batch) {
        if (item.kind !== 'skipped' && item.kind !== 'not-frame') frames += 1;
        const stream = streamOf(item);
        if (stream === undefined) continue;
        if (!starts.has(file)) starts.set(file, stream.receivedUs);
        symbols.add(stream.symbol);
        streams.add(stream.stream);
      }
    }
  }

  const chosen = {
    symbols: asked ?? [...symbols],
    streams: options.streams ?? STREAM_TYPES.filter((type) => streams.has(type)),
  };
  const warnings = [
    ...cuts.values(),
    ...inputs.leftOut.map((path) => `${path} was left out: it is in no format of recordings`),
    ...chosen.symbols
      .filter((symbol) => !symbols.has(symbol))
      .map((symbol) => `the recording holds nothing of ${symbol}`),
  ];
  return {
    ...chosen,
    frames,
    digest: await digestOf(inputs.files, chosen.symbols, chosen.streams),
    warnings,
    items: () => mergeByTime(files.map((file) => read(file, starts.get(file) ?? 0))),
  };
}

async function* readFile(
  file: InputFile,
  symbol: MarketSymbol | undefined,
  watched: Watched,
  startUs: Micros,
  cuts: Map<string, string>,
): AsyncGenerator<RecordedItem[]> {
  const reasons: string[] = [];
  const onCut = (why: string): number => reasons.push(why);
  const chunks = fileChunks(file.path, { gzip: file.gzip, onCut });
  let last: RecordedItem | undefined;
  for await (const batch of file.reader(chunks, { file: file.path, symbol, watched, startUs, onCut })) {
    last = batch.at(-1) ?? last;
    yield batch;
  }
  if (reasons.length === 0) return;
  const end = last === undefined ? 'before anything could be read' : `at ${file.unit} ${last.place.line}`;
  cuts.set(file.path, `${file.path} ended early, ${end}: ${reasons.join('; ')}`);
}

function streamOf(
  item: RecordedItem,
): { readonly symbol: MarketSymbol; readonly stream: StreamType; readonly receivedUs: Micros } | undefined {
  switch (item.kind) {
    case 'frame':
      return item;
    case 'rest-trade':
      return { symbol: item.symbol, stream: 'trade', receivedUs: item.receivedUs };
    case 'rest-kline':
      return { symbol: item.symbol, stream: 'kline_1m', receivedUs: item.receivedUs };
    default:
      return undefined;
  }
}

async function digestOf(
  files: readonly InputFile[],
  symbols: readonly MarketSymbol[],
  streams: readonly StreamType[],
): Promise<string> {
  const digest = createHash('sha256');
  for (const file of files) {
    const bytes = createHash('sha256');
    for await (const chunk of fileChunks(file.path, { gzip: false, onCut: () => {} })) bytes.update(chunk);
    digest.update(`${bytes.digest('hex')}\n`);
  }
  digest.update(`symbols ${symbols.toSorted().join(',')}\nstreams ${streams.toSorted().join(',')}\n`);
  return digest.digest('hex');
}
