import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedFrames } from '../../../infra/local/market/simulated-frames.ts';
import { SimulatedMarket } from '../../../infra/local/market/simulated-market.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

/** When the recordings begin: a noon, so that no window reaches into another day. */
export const RECORDED_FROM_US: Micros = Date.UTC(2026, 10, 20, 12) * 1_000;

/**
 * Writes a recording of the simulated market into a new folder and returns the file's path: `minutes` minutes of
 * trades, klines and quotes, with the exchange's own klines.
 */
export async function writeSimulatedRecording(options: {
  readonly symbols: readonly MarketSymbol[];
  readonly minutes: number;
  readonly seed?: number;
  /** @default {@link RECORDED_FROM_US} */
  readonly fromUs?: Micros;
}): Promise<string> {
  const { symbols, minutes, fromUs = RECORDED_FROM_US } = options;
  const market = new SimulatedMarket(options.seed ?? 1, symbols);
  const streams = symbols.flatMap((symbol) =>
    ['trade', 'kline_1m', 'bookTicker'].map((type) => `${symbol.toLowerCase()}@${type}`),
  );
  const untilUs = fromUs + minutes * 60_000_000 + 5_000_000;
  const lines = simulatedFrames(market, streams, fromUs - 1, untilUs).map(
    ({ stream, atUs, payload }) => `${atUs + 3_000}000 {"stream":"${stream}","data":${payload('ms', 0)}}`,
  );
  const dir = await mkdtemp(join(tmpdir(), 'market-recording-'));
  const file = join(dir, 'frames.txt');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}
