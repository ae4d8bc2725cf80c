import type { GapChange } from '../../shared/events/tick.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';

/** What happens inside ingest, for the log of the process and its metrics. */
export type IngestReport =
  | { readonly kind: 'socket-open'; readonly connection: string; readonly streams: number }
  | {
      readonly kind: 'socket-closed';
      readonly connection: string;
      readonly why: string;
      /** When it is tried again; null where another socket has taken over. */
      readonly retryMs: Millis | null;
    }
  | { readonly kind: 'gap'; readonly symbol: MarketSymbol; readonly change: GapChange }
  | { readonly kind: 'ids-reset'; readonly symbol: MarketSymbol }
  /** One frame's id is far above all others; it counts once another one near it came. */
  | { readonly kind: 'id-doubted'; readonly symbol: MarketSymbol; readonly id: number }
  | {
      readonly kind: 'repair-later';
      readonly symbol: MarketSymbol;
      readonly why: string;
      readonly afterMs: Millis;
    }
  | { readonly kind: 'repair-gone'; readonly symbol: MarketSymbol; readonly why: string }
  | { readonly kind: 'pressure'; readonly feed: 'trades' | 'quotes'; readonly full: boolean }
  /** Missing trades come in another way from now on. */
  | { readonly kind: 'repair-fallback'; readonly message: string }
  /** A symbol that is unknown, halted or delisted; or that could not be looked up. */
  | { readonly kind: 'symbol'; readonly symbol: MarketSymbol; readonly message: string }
  /** How the watch of a symbol begins. */
  | { readonly kind: 'start'; readonly symbol: MarketSymbol; readonly message: string }
  | {
      readonly kind: 'audit';
      readonly symbol: MarketSymbol;
      readonly openTimeMs: Millis;
      readonly outcome: string;
    }
  | { readonly kind: 'ledger-failed'; readonly error: unknown }
  | { readonly kind: 'log-failed'; readonly error: unknown };
