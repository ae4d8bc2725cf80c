import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import { firstTradeSince } from './first-trade.ts';
import type { RestClient } from './rest-client.ts';
import type { TradeLane } from './trade-lane.ts';

const LOOK_AGAIN_MS = 1_000;

/** What reaching back works with. */
export interface ReachBackOptions {
  readonly clock: Clock;
  readonly rest: RestClient;
  readonly rules: ValidationRules;
  readonly lanes: ReadonlyMap<MarketSymbol, TradeLane>;
  /** The first id of the symbol's watch is known now. */
  readonly onReached: (symbol: MarketSymbol) => void;
}

/**
 * For a symbol of which the start could not learn the first trade of its watch: asks on until the exchange answers.
 * Without that id, trades lost before the first one that was seen, as by a cut, would be missed by nobody.
 */
export class ReachBack {
  readonly #options: ReachBackOptions;
  #stopped = false;

  constructor(options: ReachBackOptions) {
    this.#options = options;
  }

  start(symbols: readonly MarketSymbol[]): void {
    for (const symbol of symbols) void this.#run(symbol);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(symbol: MarketSymbol): Promise<void> {
    const { clock, rest, rules, lanes, onReached } = this.#options;
    while (!this.#stopped) {
      const lane = lanes.get(symbol);
      const sinceUs = lane?.reachUs ?? null;
      if (lane === undefined || sinceUs === null) {
        if (lane?.hasBegun === true) return;
        await this.#wait(LOOK_AGAIN_MS);
        continue;
      }
      const first = await firstTradeSince({ rest, rules, nowUs: clock.nowUs() }, symbol, sinceUs);
      if (this.#stopped || first.kind === 'unknown') return;
      if (first.kind === 'found') {
        lane.reachBack(first.id, sinceUs);
        onReached(symbol);
        return;
      }
      await this.#wait(first.afterMs);
    }
  }

  #wait(delayMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(delayMs, resolve);
    });
  }
}
