import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import { type MarketSymbol, MINUTE_US, type Micros } from '../../shared/units.ts';
import { firstTradeSince } from './first-trade.ts';
import type { SymbolStart } from './ingest.ts';
import type { IngestReport } from './ingest-report.ts';
import type { RestClient } from './rest-client.ts';
import { ledgerFrom, type ResumedSymbol } from './resume.ts';

const WINDOW_US = 15 * MINUTE_US;
/** Look-ups under way at once. */
const TOGETHER = 8;

/** The best guess of the exchange's time may be ahead of it; a watch may reach back too far, not too little. */
const PLAN_MARGIN_US: Micros = 5_000_000;

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
  const fresh: { readonly symbol: MarketSymbol; readonly reachUs: Micros | null }[] = [];
  for (const symbol of options.symbols) {
    const known = options.resumed.get(symbol);
    const awayUs = known === undefined ? 0 : options.nowUs - known.heardUs;
    const isWithin = known !== undefined && awayUs <= options.resumeBoundUs;
    if (isWithin && (known.begun || known.ledger.ids.count > 0)) {
      starts.set(symbol, {
        ledger: known.ledger,
        began: known.begun,
        ...(known.beganUs !== null && { beganUs: known.beganUs }),
        ...(known.reachUs !== null && { reachUs: known.reachUs }),
      });
      const from = known.ledger.ids.highest;
      const where = from === undefined ? 'with no trade yet' : `from trade ${from}`;
      say(options, symbol, `goes on after ${seconds(awayUs)} s, ${where}`);
      continue;
    }
    if (known !== undefined && !isWithin)
      say(
        options,
        symbol,
        `was away for ${seconds(awayUs)} s, longer than RESUME_BOUND_S: a new session begins`,
      );
    fresh.push({ symbol, reachUs: isWithin ? known.reachUs : null });
  }
  const windowUs = Math.floor(options.nowUs / WINDOW_US) * WINDOW_US;
  const look = async (): Promise<void> => {
    for (let next = fresh.shift(); next !== undefined; next = fresh.shift()) {
      const { symbol, reachUs } = next;
      const startUs = Math.min(windowUs, reachUs ?? windowUs);
      const first = await firstTradeSince(options, symbol, startUs);
      if (first.kind === 'found') {
        starts.set(symbol, { ledger: ledgerFrom(symbol, first.id, startUs), beganUs: startUs });
        const whole = startUs === windowUs ? 'the first of the open 15 minutes' : 'the first of its watch';
        say(options, symbol, `begins at trade ${first.id}, ${whole}`);
      } else {
        const plannedUs = options.nowUs - PLAN_MARGIN_US;
        starts.set(symbol, { plannedUs, ...(reachUs !== null && { reachUs }) });
        say(options, symbol, `begins with the first frame: ${first.why}`);
      }
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
