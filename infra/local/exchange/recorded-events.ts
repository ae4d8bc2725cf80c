import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { TradeRange } from './market-source.ts';

/** What is remembered of one trade, aggregate trade or candle that a recording played. */
export interface RememberedEvent {
  /** Trade id, aggregate id, or open time. */
  readonly id: number;
  readonly timeUs: Micros;
  text(unit: TimeUnit): string;
}

const REMEMBERED = 200_000;

/** What a recording has played, by symbol and id: the newest {@link REMEMBERED} of each symbol. */
export class RecordedEvents {
  readonly #bySymbol = new Map<MarketSymbol, RememberedEvent[]>();

  /** Remembers an event; one with an id that is known or older than the newest is put in its place. */
  add(symbol: MarketSymbol, event: RememberedEvent): void {
    const events = this.#bySymbol.get(symbol) ?? [];
    if (events.length === 0) this.#bySymbol.set(symbol, events);
    const at = lowerBound(events, event.id);
    if (events[at]?.id === event.id) events[at] = event;
    else events.splice(at, 0, event);
    if (events.length > REMEMBERED * 1.1) events.splice(0, events.length - REMEMBERED);
  }

  /** The events of a range, in the order of their ids. */
  find(symbol: MarketSymbol, range: TradeRange): readonly RememberedEvent[] {
    const events = this.#bySymbol.get(symbol) ?? [];
    switch (range.kind) {
      case 'newest':
        return events.slice(-range.limit);
      case 'from-id': {
        const from = lowerBound(events, range.fromId);
        return events.slice(from, from + range.limit);
      }
      case 'between': {
        const { startUs, endUs, limit } = range;
        const within = events.filter(
          ({ timeUs }) => timeUs >= (startUs ?? 0) && timeUs <= (endUs ?? Number.POSITIVE_INFINITY),
        );
        return startUs === undefined ? within.slice(-limit) : within.slice(0, limit);
      }
    }
  }
}

function lowerBound(events: readonly RememberedEvent[], id: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
