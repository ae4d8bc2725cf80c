import { TradeJudge } from '../../shared/signals/trade-judge.ts';
import type { StateStore } from '../../shared/state/state-store.ts';
import { readTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { TradeWindows } from '../../shared/window/trade-windows.ts';
import { contended } from './rebuild-errors.ts';
import type { TradeFeedOptions } from './trade-feed.ts';
import { windowRules } from './window-rules.ts';

/** Lost races after which a rebuild gives up: the aggregate writes a symbol a few times a second. */
const MAX_LOST_RACES = 50;

/** The state as its hot item says, for the reader alone. */
export interface LiveState {
  /** 0 where there is no hot item. */
  readonly version: number;
  readonly windows: TradeWindows | undefined;
}

/** Reads and changes the state of a symbol beside an aggregate that changes it too. */
export class HotSection {
  readonly key: string;
  readonly #store: StateStore;
  readonly #symbol: MarketSymbol;
  readonly #options: Omit<TradeFeedOptions, 'store'>;

  constructor(store: StateStore, symbol: MarketSymbol, options: Omit<TradeFeedOptions, 'store'>) {
    this.key = `trades#${symbol}`;
    this.#store = store;
    this.#symbol = symbol;
    this.#options = options;
  }

  async read(): Promise<LiveState> {
    const hot = (await this.#store.readHot([this.key])).get(this.key);
    if (hot === undefined) return { version: 0, windows: undefined };
    const judge = new TradeJudge(this.#symbol, this.#options.thresholds(this.#symbol));
    const windows = readTradeState(this.#symbol, windowRules(this.#symbol, this.#options), hot.bytes, judge);
    return { version: hot.version, windows };
  }

  /**
   * Does what is to be done with the newest state until nobody else was first; `attempt` says whether that was so.
   * Fails with `REBUILD_CONTENDED` where it never is.
   */
  async retry<T>(attempt: (live: LiveState) => Promise<T | 'lost'>): Promise<T> {
    for (let races = 0; races < MAX_LOST_RACES; races += 1) {
      const outcome = await attempt(await this.read());
      if (outcome !== 'lost') return outcome;
    }
    throw contended(this.key, MAX_LOST_RACES);
  }
}
