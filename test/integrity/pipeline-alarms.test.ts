import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type MonitoredMarket, startMonitoredMarket, until } from './monitored-market.ts';

/** So many times as fast as the wall: the half minute of a stopped feed takes three seconds. */
const SPEED = 10;

describe('the alarms of a running pipeline', { timeout: 180_000 }, () => {
  let market: MonitoredMarket;

  before(async () => {
    market = await startMonitoredMarket(SPEED);
    market.flow(500);
    await market.state('feed-stopped', 'OK');
  });
  after(() => market.close());

  it('raise feed-stopped when the feed is silent, and its recovery when it speaks again', async () => {
    const from = market.changes.length;
    market.flow(null);
    await market.state('feed-stopped', 'ALARM', from);
    await market.posted('The feed has stopped');
    assert.ok(market.pipeline.alarms().some(({ name }) => name === 'feed-stopped'));
    market.flow(500);
    await market.state('feed-stopped', 'OK', from + 1);
    await market.posted('Over: The feed has stopped');
    assert.ok(!market.pipeline.alarms().some(({ name }) => name === 'feed-stopped'));
  });

  it('raise dead-letters when a topic is poisoned, and its recovery', async () => {
    const from = market.changes.length;
    await market.poison(12);
    await market.state('dead-letters', 'ALARM', from);
    await market.posted('Records cannot be used');
    await market.state('dead-letters', 'OK', from);
    await market.posted('Over: Records cannot be used');
  });

  it('raise gap-unfillable when missing trades cannot be had, and its recovery', async () => {
    const from = market.changes.length;
    market.trade({ skip: 3 });
    await market.state('gap-unfillable', 'ALARM', from);
    await market.posted('Trades are lost');
    await market.state('gap-unfillable', 'OK', from);
    await market.posted('Over: Trades are lost');
  });

  it('raise rows-rejected when the store refuses rows, and its recovery', async () => {
    const from = market.changes.length;
    market.store.rejects = ['trades'];
    await market.state('rows-rejected', 'ALARM', from);
    await market.posted('The store refuses rows');
    market.store.rejects = [];
    await market.state('rows-rejected', 'OK', from);
    await market.posted('Over: The store refuses rows');
    const isConflicting = market.changes.some(
      ({ alarm, to }) => alarm.name === 'rows-conflicting' && to === 'ALARM',
    );
    assert.equal(isConflicting, false, 'refused rows are letters of their own and conflict with none');
  });

  it('say no word of the webhook in any error', async () => {
    await until(
      () => market.pipeline.alarms().every(({ severity }) => severity !== 'critical'),
      () => JSON.stringify(market.pipeline.alarms()),
    );
    assert.ok(!market.errors.join().includes('/hook'));
  });
});
