import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { windowRules } from '../../../functions/aggregate/window-rules.ts';
import type { IdAccount } from '../../../shared/certificate/id-account.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { readTradeState } from '../../../shared/state/trade-state.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { PANE_US } from '../../../shared/window/resolution.ts';

/** How the hot item of a symbol stands to the ids of its log. */
export interface StateAgreement {
  /** Whether it knows exactly those ids, down to where it keeps them. */
  readonly isSame: boolean;
  /** Every pane before this time is closed. */
  readonly closedUs: Micros;
}

/**
 * Compares the hot item of a symbol with the ids of the log; undefined where there is none. `isRunning`: ids above
 * the account's are those that came since, and no difference.
 */
export async function stateAgreement(
  state: StateStore,
  settings: Settings,
  symbol: MarketSymbol,
  account: IdAccount,
  isRunning: boolean,
): Promise<StateAgreement | undefined> {
  const key = `trades#${symbol}`;
  const hot = (await state.readHot([key])).get(key);
  if (hot === undefined) return undefined;
  const { trades } = aggregateOptions({
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: false,
  });
  const windows = readTradeState(symbol, windowRules(symbol, trades), hot.bytes);
  const closedUs = windows.openPane * PANE_US;
  const { lowest, highest } = account.ids;
  if (lowest === undefined || highest === undefined) {
    return { isSame: isRunning || windows.ids.count === 0, closedUs };
  }
  const floor = Math.max(windows.idFloor, lowest);
  const ceiling = isRunning ? highest : Number.POSITIVE_INFINITY;
  const hasAll = (a: typeof windows.ids, b: typeof windows.ids): boolean =>
    b
      .ranges()
      .every(({ from, to }) => a.missingWithin(Math.max(from, floor), Math.min(to, ceiling)).length === 0);
  return { isSame: hasAll(account.ids, windows.ids) && hasAll(windows.ids, account.ids), closedUs };
}
