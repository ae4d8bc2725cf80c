import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MonitoredMarket, startMonitoredMarket, until } from './monitored-market.ts';

/** A minute of the market in six seconds, where what is waited for is an answer and not its time. */
const SPEED = 10;

const LOST = 'Trades are lost';

/** Requests to Slack that tell the loss, the recovery left out. */
function losses(market: MonitoredMarket, taken: boolean): readonly string[] {
  const posts = taken ? market.slack.posts : market.slack.requests;
  // A list may tell the loss and its recovery in one post.
  return posts.map(({ body }) => body).filter((body) => body.replaceAll(`Over: ${LOST}`, '').includes(LOST));
}

async function withMarket(speed: number, use: (market: MonitoredMarket) => Promise<void>): Promise<void> {
  const market = await startMonitoredMarket(speed);
  try {
    market.flow(500);
    await until(
      () => market.changes.some(({ alarm, to }) => alarm.name === 'gap-unfillable' && to === 'OK'),
      () => 'the alarms were not evaluated',
    );
    await use(market);
  } finally {
    await market.close();
  }
}

describe('the way from a trade’s receipt to Slack', { timeout: 180_000 }, () => {
  it('takes under 5 s for a market alarm of 10 s and for a feed-integrity alarm', async (context) => {
    const cases: readonly (readonly [string, (market: MonitoredMarket) => void])[] = [
      ['Whale trade: BTCUSDT', (market) => market.trade({ quantity: '5' })],
      [LOST, (market) => market.trade({ skip: 3 })],
    ];
    for (const [text, cause] of cases) {
      await withMarket(1, async (market) => {
        const startMs = Date.now();
        cause(market);
        await market.posted(text);
        const tookMs = (market.slack.posts[0]?.atMs ?? 0) - startMs;
        context.diagnostic(`${text}: ${tookMs} ms from the receipt to Slack`);
        assert.ok(tookMs < 5000, `${tookMs} ms`);
        if (text.startsWith('Whale'))
          assert.match(market.slack.posts[0]?.body ?? '', /300000 at 60000/, market.errors.join());
      });
    }
  });

  for (const answer of [{ status: 429, retryAfterS: 20 }, { status: 500 }] as const) {
    it(`brings the message once when Slack answered ${answer.status} before`, async () => {
      await withMarket(SPEED, async (market) => {
        market.slack.answer = answer;
        market.trade({ skip: 3 });
        await until(
          () => losses(market, false).length > 0,
          () => 'Slack was not asked',
        );
        market.slack.answer = 'ok';
        await market.posted(LOST);
        await market.posted(`Over: ${LOST}`);
        assert.equal(losses(market, true).length, 1);
      });
    });
  }

  it('brings the message once when Slack was gone, and the pipeline did not wait for it', async () => {
    await withMarket(SPEED, async (market) => {
      await market.slack.stop();
      market.trade({ skip: 3 });
      await market.state('gap-unfillable', 'ALARM');
      await market.pipeline.idle();
      await market.slack.start();
      await market.posted(LOST);
      await market.posted(`Over: ${LOST}`);
      assert.equal(losses(market, true).length, 1);
      assert.ok(!losses(market, true).join().includes('repeat'));
    });
  });

  it('repeats a message once, marked, when Slack took it and said nothing', async () => {
    // The answer is waited for 5 s of the wall: less than the minute after which a post counts as forgotten.
    await withMarket(5, async (market) => {
      market.slack.answer = 'hang';
      market.trade({ skip: 3 });
      await until(
        () => losses(market, false).length === 1,
        () => 'Slack was not asked',
      );
      await market.pipeline.idle();
      market.slack.answer = 'ok';
      await market.posted(`Over: ${LOST}`);
      const told = losses(market, false);
      assert.equal(told.length, 2);
      assert.ok(!told[0]?.includes('may be a repeat') && told[1]?.includes('may be a repeat'));
    });
  });
});
