import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { recordings } from '../recordings.ts';

/** Lines that are taken of each symbol: a good minute. */
const LINES = 8_000;

/**
 * Writes a part of the recording of 2024-08-08 into a folder, with what it has none of: lines that become dead
 * letters in each raw topic, a trade said twice, and one that is missing.
 */
export function cutRecording(folder: string): void {
  mkdirSync(folder);
  for (const symbol of ['btcusdt', 'ethusdt']) {
    const file = join(recordings ?? '', 'binance-spot-2024-08-08', `${symbol}_20240808.gz`);
    const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').slice(0, LINES);
    writeFileSync(join(folder, symbol), `${spoiled(lines).join('\n')}\n`);
  }
}

function spoiled(lines: readonly string[]): readonly string[] {
  const out: string[] = [];
  let trades = 0;
  for (const [at, line] of lines.entries()) {
    if (line.includes('@trade"')) trades += 1;
    // Ids are contiguous: without this one there is a hole.
    if (line.includes('@trade"') && trades === 500) continue;
    out.push(line);
    if (line.includes('@trade"') && trades === 300) out.push(line);
    const time = line.slice(0, line.indexOf(' '));
    if (at === 2_000) out.push(`${time} {"stream":"cut`);
    if (at === 6_000)
      out.push(line.replace(/"b":"[^"]*"/, '"b":"none"').replace(/"p":"[^"]*"/, '"p":"none"'));
  }
  return out;
}
