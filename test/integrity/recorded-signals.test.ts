import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedLogReadOnly } from '../../infra/local/log/embedded-log.ts';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import { runReplay } from '../../infra/local/replay/run-replay.ts';
import type { MSKRecord } from '../../shared/log/kafka-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../../shared/log/topics.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { thresholdsFor } from '../../shared/signals/thresholds.ts';
import {
  makeAggregate,
  makeSurroundings,
  plainRows,
  toEvent,
} from '../functions/aggregate/aggregate-fixtures.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { recorded, volatilityEpisodes, wideSpreadOpenings } from '../shared/signals/recorded-market.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

describe('the signals of the recording of 2024-08-08', {
  skip: skipWithoutRecordings,
  timeout: 180_000,
}, () => {
  let dir: string;
  let lines: readonly string[];
  let signals: Rows;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'recorded-signals-'));
    lines = await replay(false);
    signals = await judged(dir, [2_000]);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** Replays through the whole pipeline; the signals as the store has them, a line each. */
  async function replay(again: boolean): Promise<readonly string[]> {
    const path = join(recordings ?? '', 'binance-spot-2024-08-08');
    const read = readSettings({});
    assert.ok(read.kind === 'settings');
    let told: readonly string[] = [];
    const errors: string[] = [];
    await runReplay({
      recording: await openRecording([path], {}),
      description: path,
      dir,
      settings: read.settings,
      environment: {},
      speed: 'max',
      again,
      onSignals: (found) => {
        told = found;
      },
      watch: { onError: (source, error) => errors.push(`${source}: ${String(error)}`) },
    });
    assert.deepEqual(errors, []);
    return told;
  }

  const of = (kind: string, symbol: string): Rows =>
    signals.filter((signal) => signal.kind === kind && signal.symbol === symbol);

  for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
    it(`equal an independent computation from the raw frames of ${symbol}`, () => {
      const { trades, quotes } = recorded(symbol.toLowerCase());
      const whales = trades.filter((trade) => trade.price * trade.quantity >= 100_000);
      assert.deepEqual(
        of('whale', symbol).map(({ opened_by, value }) => [opened_by, Number(value).toFixed(4)]),
        whales.map(({ id, price, quantity }) => [String(id), (price * quantity).toFixed(4)]),
      );
      const episodes = new Map<number, string>();
      for (const [state, openedBy] of volatilityEpisodes(trades)) episodes.set(openedBy, state);
      assert.deepEqual(
        of('volatility', symbol).map(({ opened_by, state }) => [Number(opened_by), state]),
        [...episodes],
      );
      const windows = of('wide-spread', symbol).map(({ evidence }) => JSON.parse(String(evidence)).window);
      assert.deepEqual(
        windows.map(({ start_ms }) => start_ms * 1000),
        wideSpreadOpenings(quotes),
      );
    });
  }

  it('are the same in the store, for each kind and event', () => {
    const inMemory = signals.map(
      ({ symbol, kind, opened_by, state }) => `${symbol} ${kind} ${opened_by} ${state}`,
    );
    const stored = lines.map((line) => {
      const found = /^signal \S+ \S+ (\S+) +(\S+) .* opened by (\d+)(?:, (\w+))?$/.exec(line);
      return `${found?.[1]} ${found?.[2]} ${found?.[3]} ${found?.[4] ?? 'open'}`;
    });
    assert.ok(stored.length > 10);
    assert.deepEqual(stored.toSorted(), inMemory.toSorted());
  });

  it('are the same in other batches', async () => {
    for (const sizes of [[97], [1, 5_000, 3]]) assert.deepEqual(await judged(dir, sizes), signals);
  });

  it('are the same when the recording is fed a second time', async () => {
    assert.deepEqual(await replay(true), lines);
  });
});

/** The aggregate's own signals over the validated topics of a folder, in batches of these sizes. */
async function judged(dir: string, sizes: readonly number[]): Promise<Rows> {
  const surroundings = makeSurroundings();
  const aggregate = makeAggregate(surroundings, false, thresholdsFor);
  for (const records of await validated(dir)) {
    for (let at = 0, turn = 0; at < records.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      await aggregate.process(toEvent(records.slice(at, at + size)));
      at += size;
    }
  }
  return plainRows(surroundings.rows.table('signals'));
}

/** The records of each partition of the validated topics, as an event source mapping hands them over. */
async function validated(dir: string): Promise<readonly (readonly MSKRecord[])[]> {
  const log = openEmbeddedLogReadOnly({ dir: join(dir, 'log') });
  const reader = await log.reader();
  const partitions: MSKRecord[][] = [];
  for (const topic of [DEFAULT_TOPIC_NAMES.trades, DEFAULT_TOPIC_NAMES.quotes]) {
    for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
      const records: MSKRecord[] = [];
      const { next } = await reader.bounds(topic, partition);
      for (let offset = 0; offset < next; ) {
        const page = await reader.read({ topic, partition, offset }, 10_000);
        for (const record of page) {
          records.push({
            topic,
            partition,
            offset: record.offset,
            timestamp: record.timestampMs,
            timestampType: 'CREATE_TIME',
            key: record.key?.toString('base64') ?? '',
            value: record.value?.toString('base64') ?? null,
            headers: [],
          });
        }
        offset = (page.at(-1)?.offset ?? next) + 1;
      }
      partitions.push(records);
    }
  }
  await log.close();
  return partitions;
}
