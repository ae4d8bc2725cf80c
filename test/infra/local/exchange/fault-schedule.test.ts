import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { startExchange } from '../../../../infra/local/exchange/exchange.ts';
import { FaultSchedule, type FaultSettings } from '../../../../infra/local/exchange/fault-schedule.ts';
import { FrameFaults } from '../../../../infra/local/exchange/frame-faults.ts';
import { SimulatedSource } from '../../../../infra/local/exchange/simulated-source.ts';
import { simulatedFrames } from '../../../../infra/local/market/simulated-frames.ts';
import { SimulatedMarket } from '../../../../infra/local/market/simulated-market.ts';
import { ManualClock } from './manual-clock.ts';
import { StreamClient, until } from './stream-client.ts';

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const FAULTLESS: FaultSettings = {
  ...{ dropShare: 0, doubleShare: 0, swapShare: 0, malformedShare: 0 },
  ...{ cutEveryMs: 0, shutdownShare: 0, silenceMs: 0 },
  ...{ tooManyRequestsShare: 0, bannedShare: 0, serverErrorShare: 0, slowPageShare: 0, slowPageMs: 0 },
  ...{ hungShare: 0, clockErrorMs: 0, clockHoldsMs: 0, endAfterMs: 0 },
};

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `{"e":"trade","t":${index},"p":"1"}`);

describe('the schedule of faults', () => {
  it('is the same for the same seed and another for another, and can be printed', () => {
    const one = new FaultSchedule(7);
    assert.deepEqual(one.describe(), new FaultSchedule(7).describe());
    assert.notDeepEqual(one.describe(), new FaultSchedule(8).describe());
    assert.match(one.describe().join('\n'), /connection 0: (?:cut|told to end) after \d+ ms/);
    const faults = (schedule: FaultSchedule): string[] =>
      Array.from({ length: 5_000 }, (_, frame) => schedule.frame(1, frame));
    assert.deepEqual(faults(one), faults(new FaultSchedule(7)));
  });

  it('meets frames and requests as often as it is set to', () => {
    const settings = {
      ...FAULTLESS,
      dropShare: 0.1,
      doubleShare: 0.05,
      swapShare: 0.02,
      malformedShare: 0.01,
    };
    const schedule = new FaultSchedule(1, {
      ...settings,
      tooManyRequestsShare: 0.1,
      bannedShare: 0.05,
      serverErrorShare: 0.2,
      slowPageShare: 0.1,
      hungShare: 0.05,
    });
    const counts: Record<string, number> = {};
    for (let index = 0; index < 20_000; index += 1) {
      const frame = schedule.frame(0, index);
      const request = schedule.request(index).kind;
      counts[frame] = (counts[frame] ?? 0) + 1;
      counts[request] = (counts[request] ?? 0) + 1;
    }
    const near = (kind: string, share: number): void =>
      assert.ok(Math.abs((counts[kind] ?? 0) / 20_000 - share) < 0.01, `${kind} ${counts[kind]}`);
    near('dropped', 0.1);
    near('doubled', 0.05);
    near('swapped', 0.02);
    near('malformed', 0.01);
    near('refused', 0.15);
    near('failed', 0.2);
    near('slow', 0.1);
    near('hung', 0.05);
  });

  it('steps the clock as often as it is set to, and else leaves its error as it is', () => {
    const errors = (holdsMs: number): Set<number> => {
      const schedule = new FaultSchedule(3, { ...FAULTLESS, clockErrorMs: 1_500, clockHoldsMs: holdsMs });
      return new Set([0, 9_999, 10_000, 20_000].map((sinceMs) => schedule.clockErrorUs(sinceMs)));
    };
    assert.equal(errors(0).size, 1);
    assert.equal(errors(10_000).size, 3);
  });

  it('loses no message but the dropped and the malformed, and moves one by one place at most', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 400 }), (seed, count) => {
        const shares = { dropShare: 0.05, doubleShare: 0.05, swapShare: 0.1, malformedShare: 0.05 };
        const schedule = new FaultSchedule(seed, { ...FAULTLESS, ...shares });
        const faults = new FrameFaults(schedule, 3);
        const messages = numbered(count);
        const sent = messages.flatMap((message) => faults.apply(message));
        for (const [index, message] of messages.entries()) {
          const times = sent.filter((other) => other === message).length;
          const fault = schedule.frame(3, index);
          if (fault === 'doubled') assert.equal(times, 2);
          else if (fault === 'none') assert.equal(times, 1);
          else if (fault === 'swapped') assert.ok(times <= 1);
          else assert.equal(times, 0, fault);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('ends where it is told to', () => {
    const schedule = new FaultSchedule(1, { endAfterMs: 1_000 });
    assert.deepEqual(
      [schedule.active(999), schedule.active(1_000), new FaultSchedule(1).active(1e9)],
      [true, false, true],
    );
  });
});

describe('an exchange with faults', () => {
  it('sends what the schedule makes of its frames', async () => {
    const clock = new ManualClock(NOON_US);
    const faults = new FaultSchedule(5, {
      ...FAULTLESS,
      dropShare: 0.1,
      doubleShare: 0.1,
      swapShare: 0.1,
      malformedShare: 0.1,
    });
    const market = new SimulatedMarket(1);
    const exchange = await startExchange({ market: new SimulatedSource(market, clock), clock, faults });
    const client = await StreamClient.open(`${exchange.streamUrl}/ws/btcusdt@trade`);
    clock.advance(60_000);
    const frames = simulatedFrames(market, ['btcusdt@trade'], NOON_US, clock.nowUs());
    const expected = new FrameFaults(faults, 0);
    const wanted = frames.flatMap((frame) => expected.apply(frame.payload('ms', 0)));
    await until('all', () => client.messages.length === wanted.length);
    assert.deepEqual(client.messages, wanted);
    assert.ok(wanted.length > 500);
    await exchange.close();
  });

  it('cuts connections, tells others to end, and is silent, each at its time', async () => {
    const clock = new ManualClock(NOON_US);
    const faults = new FaultSchedule(5, {
      ...FAULTLESS,
      cutEveryMs: 20_000,
      shutdownShare: 0.5,
      silenceMs: 3_000,
    });
    const source = new SimulatedSource(new SimulatedMarket(1), clock);
    const exchange = await startExchange({ market: source, clock, faults, limits: { pingEveryMs: 1e9 } });
    const ends = { cut: 0, told: 0 };
    for (let index = 0; index < 8; index += 1) {
      const client = await StreamClient.open(`${exchange.streamUrl}/ws/btcusdt@trade`);
      const { cutAfterMs, shutdownAfterMs, silentFromMs = 0, silentToMs = 0 } = faults.connection(index);
      const endMs = cutAfterMs ?? shutdownAfterMs ?? 0;
      const beganUs = clock.nowUs();
      clock.advance(endMs - 1);
      assert.equal(client.closed, undefined);
      clock.advance(5_001);
      await until('the end', () => client.closed !== undefined);
      const told = client.messages.some((message) => message.includes('serverShutdown'));
      assert.equal(told, shutdownAfterMs !== undefined);
      ends[told ? 'told' : 'cut'] += 1;
      for (const message of client.messages) {
        const { e, E } = Object(JSON.parse(message));
        const atMs = E - beganUs / 1000;
        if (e === 'trade')
          assert.ok(
            atMs < silentFromMs + 25 || atMs > silentToMs - 25,
            `${atMs} in ${silentFromMs}..${silentToMs}`,
          );
      }
    }
    assert.ok(ends.cut > 0 && ends.told > 0);
    await exchange.close();
  });

  it('refuses, fails and delays REST requests as scheduled, and tells a wrong time', async () => {
    const clock = new ManualClock(NOON_US);
    const shares = { tooManyRequestsShare: 0.2, bannedShare: 0.1, serverErrorShare: 0.2, slowPageShare: 0.2 };
    const faults = new FaultSchedule(6, { ...FAULTLESS, ...shares, slowPageMs: 500, clockErrorMs: 1_500 });
    const source = new SimulatedSource(new SimulatedMarket(1), clock);
    const exchange = await startExchange({ market: source, clock, faults });
    const kinds = new Set<string>();
    for (let index = 0; index < 40; index += 1) {
      const fault = faults.request(index);
      kinds.add(fault.kind);
      let answered = false;
      const answer = fetch(`${exchange.restUrl}/api/v3/time`).finally(() => {
        answered = true;
      });
      if (fault.kind === 'slow') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(answered, false);
        while (!answered) {
          clock.advance(100);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      const response = await answer;
      if (fault.kind === 'refused') {
        assert.equal(response.status, fault.status);
        assert.equal(response.headers.get('Retry-After'), String(fault.retryAfterS));
      } else if (fault.kind === 'failed') assert.equal(response.status, fault.status);
      else {
        const { serverTime } = Object(await response.json());
        assert.ok(
          Math.abs(serverTime * 1000 - clock.nowUs() - faults.clockErrorUs()) <= 2_000_000 &&
            response.status === 200,
        );
        if (fault.kind === 'none')
          assert.equal(serverTime, Math.floor((clock.nowUs() + faults.clockErrorUs()) / 1000));
      }
    }
    assert.deepEqual([...kinds].sort(), ['failed', 'none', 'refused', 'slow']);
    assert.notEqual(faults.clockErrorUs(), 0);
    await exchange.close();
  });
});
