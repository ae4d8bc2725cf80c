import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aggregateOptions } from '../../../../functions/aggregate/aggregate-options.ts';
import { windowRules } from '../../../../functions/aggregate/window-rules.ts';
import { awaitFold } from '../../../../infra/operator/certificate/await-fold.ts';
import { IdAccount } from '../../../../shared/certificate/id-account.ts';
import { readSettings } from '../../../../shared/settings/read-settings.ts';
import { topicNames } from '../../../../shared/settings/settings.ts';
import { MemoryStateStore } from '../../../../shared/state/memory-state-store.ts';
import { writeTradeState } from '../../../../shared/state/trade-state.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';
import { PANE_US } from '../../../../shared/window/resolution.ts';
import { TradeWindows } from '../../../../shared/window/trade-windows.ts';

const SYMBOL = 'BTCUSDT';
const read = readSettings({});
assert.ok(read.kind === 'settings');
const { settings } = read;
/** The end of the time of the certificate: the panes below 100 are before it. */
const TO_US = 100 * PANE_US;

type Ranges = readonly (readonly [from: number, to: number])[];

/** The log has these ids, and a tick of a time. */
function accounts(ranges: Ranges = [[10, 20]], timeUs = TO_US + 60_000_000): ReadonlyMap<string, IdAccount> {
  const account = new IdAccount(0);
  for (const [from, to] of ranges) account.ids.addRange(from, to);
  account.note({
    kind: 'tick',
    symbol: SYMBOL,
    feed: 'trades',
    timeUs,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
    receivedUs: timeUs,
    source: 'live',
    raw: { partition: 0, offset: 0 },
  });
  return new Map([
    [SYMBOL, account],
    ['QUIETUSDT', new IdAccount(0)],
  ]);
}

/** Commits a state that knows these ids and has closed the panes below one. */
async function commit(
  state: MemoryStateStore,
  version: number,
  ranges: Ranges,
  openPane: number,
): Promise<void> {
  const { trades } = aggregateOptions({
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: false,
  });
  const windows = new TradeWindows(SYMBOL, windowRules(SYMBOL, trades), 1, null);
  for (const [from, to] of ranges) windows.ids.addRange(from, to);
  windows.openPane = openPane;
  assert.ok(await state.writeHot(`trades#${SYMBOL}`, version, writeTradeState(windows)));
}

/** Waits while the clock runs; `onLook` comes before each further look. */
async function wait(
  state: MemoryStateStore,
  onLook: () => Promise<void> = async () => {},
  logged: ReadonlyMap<string, IdAccount> = accounts(),
) {
  const clock = new VirtualClock(0);
  let isDone = false;
  const result = awaitFold({ state, settings, accounts: logged, toUs: TO_US, clock }).finally(() => {
    isDone = true;
  });
  result.catch(() => {});
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.pendingCount === 0) continue;
    await onLook();
    clock.advance(5_000);
  }
  return { agreements: await result, waitedMs: clock.nowUs() / 1_000 };
}

describe('a certificate beside a fold that goes on', () => {
  it('agrees at once where the state has gone further than the log that was read', async () => {
    const state = new MemoryStateStore();
    await commit(state, 0, [[1, 500]], 140);
    const { agreements, waitedMs } = await wait(state);
    assert.deepEqual([...agreements], [[SYMBOL, true]]);
    assert.equal(waitedMs, 0);
  });

  it('waits for a fold that is a little behind', async () => {
    const state = new MemoryStateStore();
    await commit(state, 0, [[10, 15]], 90);
    const { agreements, waitedMs } = await wait(state, async () => {
      const version = (await state.readHot([`trades#${SYMBOL}`])).get(`trades#${SYMBOL}`)?.version ?? 0;
      await commit(state, version, [[10, version === 3 ? 20 : 15]], version === 3 ? 100 : 99);
    });
    assert.deepEqual([...agreements], [[SYMBOL, true]]);
    assert.equal(waitedMs, 15_000);
  });

  it('differs where an id still lacks when its windows are closed, and where one is known that no log has', async () => {
    const cases: readonly (readonly [known: Ranges, logged: Ranges])[] = [
      [
        [
          [10, 12],
          [14, 500],
        ],
        [[10, 20]],
      ],
      [
        [[10, 500]],
        [
          [10, 12],
          [14, 20],
        ],
      ],
    ];
    for (const [known, logged] of cases) {
      const state = new MemoryStateStore();
      await commit(state, 0, known, 140);
      const { agreements, waitedMs } = await wait(state, undefined, accounts(logged));
      assert.deepEqual([...agreements], [[SYMBOL, false]]);
      assert.equal(waitedMs, 60_000);
    }
  });

  it('asks of a symbol that is watched no more what its log lets be closed', async () => {
    const state = new MemoryStateStore();
    await commit(state, 0, [[10, 20]], 50);
    const lastUs = 50 * PANE_US + settings.watermarkDelayMs * 1_000;
    const { agreements } = await wait(state, undefined, accounts([[10, 20]], lastUs));
    assert.deepEqual([...agreements], [[SYMBOL, true]]);
  });

  it('proves nothing where the fold has not come so far, and says so', async () => {
    const state = new MemoryStateStore();
    await commit(state, 0, [[10, 20]], 99);
    await assert.rejects(wait(state), {
      code: 'CERTIFICATE_BEHIND',
      message: /BTCUSDT up to 1970-01-01T00:16:30\.000Z.*consumer lag/,
    });
    await assert.rejects(wait(new MemoryStateStore()), { code: 'CERTIFICATE_BEHIND' });
  });
});
