import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import { MINUTE_US } from '../../shared/units.ts';
import { firstTradeSince } from './first-trade.ts';
import type { SymbolStart } from './ingest.ts';
import type { IngestReport } from './ingest-report.ts';
import type { RestClient } from './rest-client.ts';
import { ledgerFrom, type ResumedSymbol } from './resume.ts';

const WINDOW_US = 15 * MINUTE_US;
/** Look-ups under way at once. */
const TOGETHER = 8;

/** What decides how each symbol's watch begins. */
export interface StartOptions {
  readonly symbols: readonly MarketSymbol[];
  readonly resumed: ReadonlyMap<MarketSymbol, ResumedSymbol>;
  readonly resumeBoundUs: Micros;
  /** The exchange's time, or the best guess of it. */
  readonly nowUs: Micros;
  /** Serves `aggTrades`, which find the first trade of the open window. */
  readonly rest: RestClient;
  readonly rules: ValidationRules;
  readonly report: (report: IngestReport) => void;
}

/**
 * A symbol that was heard of within the bound goes on where it was: what passed meanwhile is a hole, and is filled.
 * One that was not begins a new session; the very first reaches back to the start of the open 15-minute window,
 * so that the first candles are whole.
 */
export async function planStarts(options: StartOptions): Promise<ReadonlyMap<MarketSymbol, SymbolStart>> {
  const starts = new Map<MarketSymbol, SymbolStart>();
  const fresh: MarketSymbol[] = [];
  for (const symbol of options.symbols) {
    const known = options.resumed.get(symbol);
    const awayUs = known === undefined ? 0 : options.nowUs - known.heardUs;
    if (known !== undefined && awayUs <= options.resumeBoundUs) {
      starts.set(symbol, {
        ledger: known.ledger,
        began: known.begun,
        ...(known.beganUs !== null && { beganUs: known.beganUs }),
        ...(known.reachUs !== null && { reachUs: known.reachUs }),
      });
      say(options, symbol, `goes on after ${seconds(awayUs)} s, from trade ${known.ledger.ids.highest}`);
      continue;
    }
    if (known !== undefined)
      say(
        options,
        symbol,
        `was away for ${seconds(awayUs)} s, longer than RESUME_BOUND_S: a new session begins`,
      );
    fresh.push(symbol);
  }
  const startUs = Math.floor(options.nowUs / WINDOW_US) * WINDOW_US;
  const look = async (): Promise<void> => {
    for (let symbol = fresh.shift(); symbol !== undefined; symbol = fresh.shift()) {
      const first = await firstTradeSince(options, symbol, startUs);
      if (first.kind === 'found') {
        starts.set(symbol, { ledger: ledgerFrom(symbol, first.id, startUs), beganUs: startUs });
        say(options, symbol, `begins at trade ${first.id}, the first of the open 15 minutes`);
      } else say(options, symbol, `begins with the first frame: ${first.why}`);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, look));
  return starts;
}

function say(options: StartOptions, symbol: MarketSymbol, message: string): void {
  options.report({ kind: 'start', symbol, message });
}

function seconds(us: Micros): number {
  return Math.round(us / 1_000_000);
}
