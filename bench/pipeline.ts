/**
 * Frames a second through the whole local pipeline: replay, ingest, log, mappings, functions, state and store, all
 * in one process, and its peak memory.
 * Run: node bench/pipeline.ts [PATH…]   (default: ten minutes of the simulated market)
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedFrames } from '../infra/local/market/simulated-frames.ts';
import { SimulatedMarket } from '../infra/local/market/simulated-market.ts';
import { openRecording } from '../infra/local/recordings/recording.ts';
import { runReplay } from '../infra/local/replay/run-replay.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { printResult, printSetting } from './bench-report.ts';

const ROUNDS = 3;
const MINUTES = 10;

const folder = await mkdtemp(join(tmpdir(), 'pipeline-bench-'));
try {
  const given = process.argv.slice(2);
  const paths = given.length > 0 ? given : [await simulatedRecording(join(folder, 'simulated.frames'))];
  const read = readSettings({}, {});
  if (read.kind === 'faults') throw new Error('the defaults are settings');
  const rates: number[] = [];
  let note = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const summary = await runReplay({
      recording: await openRecording(paths),
      description: 'bench',
      dir: join(folder, `run-${round}`),
      settings: read.settings,
      environment: {},
      speed: 'max',
      again: false,
    });
    rates.push((summary.frames * 1_000) / summary.elapsed_ms);
    const rows = Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
    note = `${summary.frames} frames, ${rows} rows`;
  }
  printSetting(
    given.length > 0 ? given.join(' ') : `${MINUTES} minutes of the simulated market, three pairs`,
  );
  printResult('whole local pipeline, one process', rates, 'frames/s', note);
  const peakMiB = process.resourceUsage().maxRSS / 1_024;
  console.log(`peak memory of the process: ${Math.round(peakMiB)} MiB`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The market's frames as a recording: receive time in nanoseconds, then the frame. */
async function simulatedRecording(path: string): Promise<string> {
  const symbols = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'];
  const market = new SimulatedMarket(1, symbols);
  const streams = symbols.flatMap((symbol) =>
    ['trade', 'aggTrade', 'bookTicker', 'kline_1m'].map((type) => `${symbol.toLowerCase()}@${type}`),
  );
  const startUs = Date.UTC(2026, 10, 20, 12) * 1_000;
  const lines: string[] = [];
  for (const frame of simulatedFrames(market, streams, startUs, startUs + MINUTES * 60_000_000)) {
    lines.push(`${frame.atUs + 20_000}000 {"stream":"${frame.stream}","data":${frame.payload('ms', 0)}}\n`);
  }
  await writeFile(path, lines.join(''));
  return path;
}
