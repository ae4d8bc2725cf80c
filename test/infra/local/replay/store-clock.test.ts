import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreClock } from '../../../../infra/local/replay/store-clock.ts';
import { encodeRawHeader, RAW_HEADER } from '../../../../shared/events/raw-header.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../../shared/log/topics.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';
import { emptyLog } from './raw-log.ts';

const HOUR_US = 3_600_000_000;

describe('StoreClock', () => {
  it('follows the replay, so that rows of its second hour are not of the future', async () => {
    const log = await emptyLog();
    const clock = await StoreClock.open(await log.reader(), DEFAULT_TOPIC_NAMES);
    const replay = new VirtualClock(HOUR_US);
    clock.follow(replay);
    replay.advanceTo(2 * HOUR_US);
    assert.equal(clock.nowMs(), (2 * HOUR_US) / 1_000);
    assert.equal(clock.retentionNowMs(), clock.nowMs());
  });

  it('knows the newest record while a backlog is worked off before the replay goes on', async () => {
    const log = await emptyLog();
    const header = encodeRawHeader({
      receivedUs: 5 * HOUR_US,
      connection: 'p0.t0-1',
      source: 'replay',
      frame: 1,
    });
    await (await log.producer()).send([
      { topic: DEFAULT_TOPIC_NAMES.rawTrades, key: 'BTCUSDT', value: '{}', headers: [[RAW_HEADER, header]] },
    ]);
    const clock = await StoreClock.open(await log.reader(), DEFAULT_TOPIC_NAMES);
    assert.equal(clock.nowMs(), (5 * HOUR_US) / 1_000);
    assert.equal(clock.retentionNowMs(), 0);
  });

  it('counts no silence between two files as retention', async () => {
    const clock = await StoreClock.open(await (await emptyLog()).reader(), DEFAULT_TOPIC_NAMES);
    const replay = new VirtualClock(HOUR_US);
    clock.follow(replay);
    clock.leaveOut(1_000 * HOUR_US);
    replay.jumpTo(1_001 * HOUR_US);
    assert.equal(clock.retentionNowMs(), HOUR_US / 1_000);
    assert.equal(clock.nowMs(), (1_001 * HOUR_US) / 1_000);
  });
});
