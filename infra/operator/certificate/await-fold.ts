import type { IdAccount } from '../../../shared/certificate/id-account.ts';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { PANE_US } from '../../../shared/window/resolution.ts';
import { stateAgreement } from './state-agreement.ts';

/** How long the fold has to take up what the log was seen to hold, and how often it is looked at. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 5_000;

/** What is waited for. */
export interface AwaitFoldOptions {
  readonly state: StateStore;
  readonly settings: Settings;
  readonly accounts: ReadonlyMap<MarketSymbol, IdAccount>;
  /** The end of the time that the accounts are about. */
  readonly toUs: Micros;
  readonly clock: Clock;
}

/**
 * Waits until a fold that runs on has closed every window up to the end and knows the ids of the log, and tells by
 * symbol whether it does. Rows are written before the state that knows of them, so the store has them then. A symbol
 * whose ids still differ after a minute differs. Fails with `CERTIFICATE_BEHIND` where the fold has not come so far:
 * that proves nothing either way.
 */
export async function awaitFold(options: AwaitFoldOptions): Promise<ReadonlyMap<MarketSymbol, boolean>> {
  const { clock, toUs } = options;
  const deadlineUs = clock.nowUs() + PATIENCE_MS * 1_000;
  const agreements = new Map<MarketSymbol, boolean>();
  const waiting = new Map([...options.accounts].filter(([, { ids }]) => ids.count > 0));
  for (;;) {
    const behind: { readonly symbol: MarketSymbol; readonly closedUs: Micros }[] = [];
    for (const [symbol, account] of waiting) {
      const found = await stateAgreement(options.state, options.settings, symbol, account, true);
      if (found === undefined || found.closedUs < Math.min(toUs, closableUs(account, options.settings))) {
        behind.push({ symbol, closedUs: found?.closedUs ?? 0 });
        continue;
      }
      agreements.set(symbol, found.isSame);
      if (found.isSame) waiting.delete(symbol);
    }
    if (waiting.size === 0) return agreements;
    if (clock.nowUs() >= deadlineUs) {
      const [first] = behind;
      if (first === undefined) return agreements;
      throw new CodedError(
        'CERTIFICATE_BEHIND',
        `The aggregate has folded ${first.symbol} up to ${iso(first.closedUs)}, and the certificate is about the time up to ${iso(toUs)}. Look at the consumer lag, or name an earlier --day.`,
        { data: { symbols: behind.map(({ symbol }) => symbol), toUs }, canRetry: true },
      );
    }
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}

/** Up to where the log itself lets panes be closed: a symbol that is watched no more comes no further. */
function closableUs(account: IdAccount, settings: Settings): Micros {
  return Math.floor((account.lastEventUs - settings.watermarkDelayMs * 1_000) / PANE_US) * PANE_US;
}

function iso(us: Micros): string {
  return new Date(us / 1_000).toISOString();
}
