import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import type { RecordedItem, StreamType } from './recorded-item.ts';
import { parseStreamName, type StreamName } from './stream-name.ts';

/** What a recording is narrowed to; undefined takes all that is known. */
export interface Watched {
  readonly symbols: ReadonlySet<MarketSymbol> | undefined;
  readonly streams: ReadonlySet<StreamType> | undefined;
}

/** What a reader needs beside its file. */
export interface ReadContext {
  /** The file as the user named it. */
  readonly file: string;
  /** The symbol of a REST answer, which names none itself. */
  readonly symbol: MarketSymbol | undefined;
  readonly watched: Watched;
  /** Stands for the receive time of what comes before the first line that has one. */
  readonly startUs: Micros;
  /** Told with the reason where the file ends in the middle of something. */
  readonly onCut: (why: string) => void;
}

/** Turns the chunks of one file into items, batch by batch, in the order of the file. */
export type Reader = (chunks: AsyncIterable<Buffer>, context: ReadContext) => AsyncGenerator<RecordedItem[]>;

/** The stream of a name if it is watched; remembers names, since a file has few of them. */
export class WatchedStreams {
  readonly #watched: Watched;
  readonly #known = new Map<string, (StreamName & { readonly stream: StreamType }) | undefined>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Undefined where the stream or its symbol is not watched. */
  find(name: string): (StreamName & { readonly stream: StreamType }) | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const { symbol, stream } = parseStreamName(name);
    const found =
      stream !== undefined && isWatched(this.#watched, symbol, stream) ? { symbol, stream } : undefined;
    if (this.#known.size < 100_000) this.#known.set(name, found);
    return found;
  }
}

/** Whether a stream of a symbol is wanted. */
export function isWatched(watched: Watched, symbol: MarketSymbol, stream: StreamType): boolean {
  return (watched.symbols?.has(symbol) ?? true) && (watched.streams?.has(stream) ?? true);
}
