import { CodedError } from '../../shared/coded-error.ts';
import type { Row, RowWriter } from '../../shared/row.ts';
import { TradeJudge } from '../../shared/signals/trade-judge.ts';
import { ByteReader } from '../../shared/state/byte-reader.ts';
import { ByteWriter } from '../../shared/state/byte-writer.ts';
import { readPane, writePane } from '../../shared/state/pane-codec.ts';
import type { HotItem, StateStore } from '../../shared/state/state-store.ts';
import { readTradeState, writeTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES, PANE_US } from '../../shared/window/resolution.ts';
import { epochAt } from '../../shared/window/row-version.ts';
import type { TradeWindows } from '../../shared/window/trade-windows.ts';
import { differingRows, rebuiltRow, type StoredCandle } from './differing-rows.ts';
import type { FeedRecord } from './feed.ts';
import { type Refold, refold, windowRules } from './refold.ts';
import { samePane } from './same-pane.ts';
import type { TradeFeedOptions } from './trade-feed.ts';

/** What a rebuild stands on. */
export interface RebuildDeps {
  readonly store: StateStore;
  readonly rows: RowWriter;
  /** The candles of a symbol that the store holds, of windows that start in [`fromUs`, `toUs`). */
  readonly storedCandles: (
    symbol: MarketSymbol,
    fromUs: Micros,
    toUs: Micros,
  ) => Promise<readonly StoredCandle[]>;
  /** Every validated record of the symbol, in log order from the first that is kept. */
  readonly records: (symbol: MarketSymbol) => AsyncIterable<FeedRecord>;
  readonly nowMs: () => number;
}

/** What is to be rebuilt. The range is widened to whole quarters of an hour. */
export interface RebuildRange {
  readonly symbol: MarketSymbol;
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

/** What a rebuild did. A second one over the same log changes nothing: all counts but `compared` are 0. */
export interface RebuildReport {
  readonly symbol: MarketSymbol;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  /** Final candles of the log's fold in the range. */
  readonly compared: number;
  readonly rowsWritten: number;
  readonly panesReplaced: number;
  /** The epoch of the written rows; null where nothing had to be written. */
  readonly epoch: number | null;
}

const BLOCK_US = BLOCK_PANES * PANE_US;

/**
 * Folds the log of a symbol again and puts right what the store and the state hold of the range: rows that differ
 * are written under a new epoch with the reason `rebuild`, and their panes replace those of the state. The hot item
 * goes first, under its version condition, to one epoch above: whoever still folds on the old state loses, and what
 * is folded later outranks the rebuilt rows. Cut short at any point, it can be run again.
 *
 * Fails with `REBUILD_NOTHING` where the log has no record of the symbol, `REBUILD_LOG_INCOMPLETE` where the log no
 * longer holds trades that the state has, `REBUILD_CONTENDED` where another process changes the state,
 * `REBUILD_ROW_REFUSED` and `REBUILD_OUTRANKED` where the store does not take the rows.
 */
export async function rebuild(
  range: RebuildRange,
  deps: RebuildDeps,
  options: Omit<TradeFeedOptions, 'store'>,
): Promise<RebuildReport> {
  const { symbol } = range;
  const fromUs = Math.floor(range.fromUs / BLOCK_US) * BLOCK_US;
  const toUs = Math.ceil(range.toUs / BLOCK_US) * BLOCK_US;
  const key = `trades#${symbol}`;
  const hot = (await deps.store.readHot([key])).get(key);
  const live = hot && readLive(symbol, hot, options);
  const epoch = Math.max((live?.epoch ?? 0) + 1, epochAt(deps.nowMs()));
  const folded = await refold(symbol, deps.records(symbol), options, epoch);
  if (folded.windows === undefined) {
    throw new CodedError(
      'REBUILD_NOTHING',
      `The log holds no trade of ${symbol}. Name a symbol that is watched.`,
      {
        data: { symbol },
      },
    );
  }

  const overhangUs = (folded.windows.queue.largestSize - 1) * PANE_US;
  const isWithin = (row: Row): boolean => isFinal(row) && overlaps(row, options, fromUs, toUs);
  const rows = folded.rows.filter(isWithin);
  const stored = await deps.storedCandles(symbol, fromUs - overhangUs, toUs);
  const changedRows = differingRows(rows, stored);

  const panes = await folded.panes(fromUs / PANE_US, toUs / PANE_US);
  const before = await storedPanes(deps.store, key, live, fromUs / PANE_US, toUs / PANE_US);
  refuseLoss(symbol, before, panes);
  const changedPanes = panes.filter((pane) => {
    const known = before.get(pane.index);
    return known === undefined || !samePane(known, pane);
  });
  const report = { symbol, fromUs, toUs, compared: rows.length };
  if (changedRows.length === 0 && changedPanes.length === 0) {
    return { ...report, rowsWritten: 0, panesReplaced: 0, epoch: null };
  }

  for (const pane of changedPanes) mark(pane, folded.windows);
  const next = live ?? folded.windows;
  next.epoch = epoch + 1;
  const version = hot?.version ?? 0;
  // A lost state is taken over whole from the fold of the log.
  const archived = live === undefined ? await archivedOf(folded) : adopt(live, changedPanes);
  if (!(await deps.store.writeHot(key, version, writeTradeState(next)))) throw contended(key);
  for (const [block, bytes] of archived) {
    if (!(await deps.store.writeBlock(key, block, version + 1, bytes))) throw contended(key);
  }
  const outcome = await deps.rows.write(changedRows.map(rebuiltRow));
  const [refused] = outcome.refused;
  if (refused !== undefined) {
    throw new CodedError('REBUILD_ROW_REFUSED', `The store refused a rebuilt row: ${refused.reason}`, {
      data: { symbol, timeNs: refused.row.timeNs },
    });
  }
  if (outcome.superseded > 0) {
    throw new CodedError(
      'REBUILD_OUTRANKED',
      `${outcome.superseded} rows of ${symbol} have a higher version than the rebuilt ones. Run it again: the epoch is higher then.`,
      { data: { symbol, epoch }, canRetry: true },
    );
  }
  return { ...report, rowsWritten: changedRows.length, panesReplaced: changedPanes.length, epoch };
}

function readLive(
  symbol: MarketSymbol,
  hot: HotItem,
  options: Omit<TradeFeedOptions, 'store'>,
): TradeWindows {
  const judge = new TradeJudge(symbol, options.thresholds(symbol));
  return readTradeState(symbol, windowRules(symbol, options), hot.bytes, judge);
}

function isFinal(row: Row): boolean {
  return row.columns.some(({ name, value }) => name === 'final' && value === 'true');
}

function overlaps(row: Row, options: Omit<TradeFeedOptions, 'store'>, fromUs: Micros, toUs: Micros): boolean {
  const name = row.dimensions.find(([dimension]) => dimension === 'resolution')?.[1];
  const size = options.rules.resolutions.find((resolution) => resolution.name === name)?.sizePanes ?? 1;
  const startUs = Number(row.timeNs.slice(0, -3));
  return startUs < toUs && startUs + size * PANE_US > fromUs;
}

/** The panes of the range as the state holds them: those of the hot item are newer than the archive's. */
async function storedPanes(
  store: StateStore,
  key: string,
  live: TradeWindows | undefined,
  start: number,
  end: number,
): Promise<ReadonlyMap<number, Pane>> {
  const found = new Map<number, Pane>();
  if (live === undefined) return found;
  for (let block = start / BLOCK_PANES; block * BLOCK_PANES < end; block += 1) {
    const { panes } = await store.readBlock(key, block);
    for (const [index, bytes] of panes) found.set(index, readPane(index, new ByteReader(bytes)));
  }
  for (const pane of live.panes.hot) if (pane.index >= start && pane.index < end) found.set(pane.index, pane);
  return found;
}

/** The log may have let go of trades that the state still knows: to fold without them would lose them. */
function refuseLoss(symbol: MarketSymbol, before: ReadonlyMap<number, Pane>, panes: readonly Pane[]): void {
  const rebuilt = new Map(panes.map((pane) => [pane.index, pane]));
  for (const known of before.values()) {
    for (const { from, to } of known.ids.ranges()) {
      const lost = rebuilt.get(known.index)?.ids.missingWithin(from, to) ?? [{ from, to }];
      const [first] = lost;
      if (first === undefined) continue;
      throw new CodedError(
        'REBUILD_LOG_INCOMPLETE',
        `The log no longer holds the trades ${first.from} to ${first.to} of ${symbol}, which the candles count. Name a later --from.`,
        { data: { symbol, ...first } },
      );
    }
  }
}

/** Notes in a pane that it was rebuilt, after all that happened to it before. */
function mark(pane: Pane, windows: TradeWindows): void {
  pane.gapMarks.push({
    openPane: windows.openPane + windows.queue.largestSize,
    sequence: windows.sequence,
    reason: 'rebuild',
  });
}

type Blocks = ReadonlyMap<number, ReadonlyMap<number, Uint8Array>>;

/** Puts rebuilt panes into the hot state where that carries them, and returns the others by archive block. */
function adopt(live: TradeWindows, panes: readonly Pane[]): Blocks {
  const hot = new Set(live.panes.hot.map((pane) => pane.index));
  const archived: Pane[] = [];
  for (const pane of panes) {
    for (const { from, to } of pane.ids.ranges()) live.ids.addRange(Math.max(from, live.idFloor), to);
    // Windows close up to here: one whose only trades the state had lost must not be left open.
    if (pane.figures.count > 0) live.panes.lastTraded = Math.max(live.panes.lastTraded, pane.index);
    if (hot.has(pane.index)) {
      live.panes.replace(pane);
      continue;
    }
    archived.push(pane);
    live.panes.archivedBelow = Math.max(live.panes.archivedBelow, pane.index + 1);
  }
  return byBlock(archived);
}

async function archivedOf(folded: Refold): Promise<Blocks> {
  const times = folded.rows.map((row) => Number(row.timeNs.slice(0, -3)));
  const first = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const below = folded.windows?.panes.archivedBelow ?? 0;
  if (!Number.isFinite(first)) return new Map();
  const hot = new Set(folded.windows?.panes.hot.map((pane) => pane.index));
  const panes = await folded.panes(Math.floor(first / PANE_US) - BLOCK_PANES, below);
  return byBlock(panes.filter((pane) => !hot.has(pane.index)));
}

function byBlock(panes: readonly Pane[]): Blocks {
  const blocks = new Map<number, Map<number, Uint8Array>>();
  for (const pane of panes) {
    const block = Math.floor(pane.index / BLOCK_PANES);
    const written = new ByteWriter();
    writePane(pane, written);
    const slots = blocks.get(block) ?? new Map<number, Uint8Array>();
    slots.set(pane.index, written.finish());
    blocks.set(block, slots);
  }
  return blocks;
}

function contended(key: string): CodedError {
  return new CodedError(
    'REBUILD_CONTENDED',
    `The state of ${key} changed while it was rebuilt: something else works on it. Stop that, or try again.`,
    { data: { key }, canRetry: true },
  );
}
