import { type MarketSymbol, type Millis, SECOND_US } from '../../shared/units.ts';
import type { IngestHandle } from './ingest.ts';

/** What one socket is doing. */
export interface SocketStatus {
  readonly name: string;
  readonly connection: string | null;
  readonly open: boolean;
  readonly streams: number;
  /** Open and silent, and it answers pings: nothing is wrong with it. */
  readonly quiet: boolean;
  readonly last_frame_age_ms: Millis | null;
  readonly reconnects: number;
  /** Why the last attempt failed, and what to do; null while it is open. */
  readonly refusal: string | null;
}

/** What one symbol is doing. */
export interface SymbolStatus {
  readonly symbol: MarketSymbol;
  readonly contiguous_id: number | null;
  readonly open_gaps: number;
  /** Records that wait behind a gap. */
  readonly waiting: number;
  /** Since its last frame; null before the first. */
  readonly last_frame_age_ms: Millis | null;
  /** Silent on a socket that is alive: there is nothing to tell. */
  readonly quiet: boolean;
}

/** What `/health` and `/ready` answer. */
export interface IngestStatus {
  /** `ok`: everything flows. `degraded`: alive, and something is amiss; `reasons` says what. */
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly reasons: readonly string[];
  readonly produced: number;
  /** Frames without a symbol: they will be dead letters. */
  readonly dlq: number;
  readonly ws_connected: boolean;
  /** Every socket has been open since the start; from then on an outage of the exchange is no reason to start anew. */
  readonly ws_opened: boolean;
  readonly frames: number;
  readonly backfilled: number;
  readonly conflated_quotes: number;
  readonly queued: { readonly trades: number; readonly quotes: number };
  readonly sockets: readonly SocketStatus[];
  readonly symbols: readonly SymbolStatus[];
}

/** The state of ingest in words and figures; `ready` is whether it is fresh and complete. Pure reading. */
export function ingestStatus(
  ingest: IngestHandle,
  nowUs: number,
  failed: boolean,
): { readonly status: IngestStatus; readonly ready: boolean } {
  const ageMs = (sinceUs: number | null): Millis | null =>
    sinceUs === null || sinceUs === 0 ? null : (nowUs - sinceUs) / 1_000;
  const sockets = ingest.sockets.map(({ plan, keeper }) => ({
    name: plan.name,
    connection: keeper.connection,
    open: keeper.isOpen,
    streams: plan.streams.length,
    quiet: keeper.isQuiet,
    last_frame_age_ms: ageMs(keeper.lastFrameUs),
    reconnects: keeper.reconnects,
    refusal: keeper.lastRefusal?.message ?? null,
  }));
  const openTimes = new Set(ingest.sockets.filter(({ keeper }) => keeper.isOpen).map(({ time }) => time));
  const symbols = [...ingest.intake.tradeLanes.values()].map((lane) => ({
    symbol: lane.symbol,
    contiguous_id: lane.ledger.contiguousId,
    open_gaps: lane.ledger.gaps.filter((gap) => gap.state === 'open').length,
    waiting: lane.waiting,
    last_frame_age_ms: ageMs(lane.lastFrameUs),
    quiet: openTimes.has(lane.time) && nowUs - lane.lastFrameUs > 30 * SECOND_US,
  }));
  const isConnected = sockets.length > 0 && sockets.every((socket) => socket.open);
  const reasons = [
    ...(failed ? ['the log refuses records'] : []),
    ...sockets
      .filter((socket) => !socket.open)
      .map((socket) => `socket ${socket.name} is not open${socket.refusal ? `: ${socket.refusal}` : ''}`),
    ...symbols
      .filter((symbol) => symbol.open_gaps > 0)
      .map((symbol) => `${symbol.symbol} misses trades: ${symbol.open_gaps} gaps are open`),
    ...ingest.sockets
      .filter(({ keeper }) => keeper.isOpen && keeper.lastFrameUs === null && isOld(keeper.openedUs, nowUs))
      .map(({ plan }) => `socket ${plan.name} has brought no frame yet`),
  ];
  const status = failed ? 'failed' : reasons.length > 0 ? 'degraded' : 'ok';
  return {
    ready: status === 'ok' && isConnected,
    status: {
      status,
      reasons,
      produced: ingest.produced,
      dlq: ingest.intake.counts.unkeyed,
      ws_connected: isConnected,
      ws_opened: ingest.sockets.length > 0 && ingest.sockets.every(({ keeper }) => keeper.hasOpened),
      frames: ingest.intake.counts.frames,
      backfilled: ingest.intake.counts.backfilled,
      conflated_quotes: ingest.queues.quotes.conflated,
      queued: { trades: ingest.queues.trades.length, quotes: ingest.queues.quotes.length },
      sockets,
      symbols,
    },
  };
}

function isOld(openedUs: number | null, nowUs: number): boolean {
  return openedUs !== null && nowUs - openedUs > 60 * SECOND_US;
}
