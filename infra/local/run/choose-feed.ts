import type { Refusal } from '../../../functions/ingest/explain-refusal.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { FeedIdentity } from '../data-folder/feed-claim.ts';

/** What the user asked for: `auto` is live where Binance can be reached, else simulated. */
export type FeedWish = 'auto' | 'live' | 'simulated';

/** The feed to run, and a word on why where it needs one. */
export interface FeedChoice {
  readonly kind: 'live' | 'simulated';
  /** One sentence; null where the user got what they asked for. */
  readonly note: string | null;
}

/** What the choice hangs on. */
export interface FeedQuestion {
  readonly wish: FeedWish;
  /** What the named data folder holds already; undefined for none. */
  readonly held: FeedIdentity | undefined;
  /** Why Binance cannot be reached; undefined where it can. */
  readonly probe: () => Promise<Refusal | undefined>;
}

/**
 * Chooses the feed. Asked for nothing, it follows the folder: one that holds the simulated market goes on with it.
 * Fails with `LIVE_UNREACHABLE` where only live would do and the exchange cannot be reached.
 */
export async function chooseFeed({ wish, held, probe }: FeedQuestion): Promise<FeedChoice> {
  if (wish === 'simulated') return { kind: 'simulated', note: null };
  if (wish === 'auto' && held?.kind === 'simulated')
    return { kind: 'simulated', note: 'This folder holds the simulated market, so that goes on.' };
  const refusal = await probe();
  if (refusal === undefined) return { kind: 'live', note: null };
  const why = firstSentence(refusal.message);
  if (wish === 'live' || held?.kind === 'live')
    throw new CodedError(
      'LIVE_UNREACHABLE',
      `The live feed cannot be had. ${refusal.message}${
        wish === 'live' ? '' : ' To run the simulated market instead, leave --data and DATA_DIR out.'
      }`,
      { data: { refusal: refusal.code }, canRetry: refusal.canRetry },
    );
  return { kind: 'simulated', note: `This is the simulated market, because ${why}` };
}

/** The first sentence, to stand inside another one. */
function firstSentence(message: string): string {
  const sentence = /^.*?\.(?=\s|$)/.exec(message)?.[0] ?? message;
  return sentence.replace(/^(The|There|A) /, (article) => article.toLowerCase());
}
