import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { SlackWebhook } from '../../functions/notify/slack-webhook.ts';
import { fixedWebhooks } from '../../functions/notify/webhook-source.ts';
import { NOTIFY_DEAD_LETTERS, startAlerting } from '../../infra/local/alerting/start-alerting.ts';
import { alarmCatalogue } from '../../shared/alarms/alarm-catalogue.ts';
import type { Clock } from '../../shared/clock.ts';
import { DimensionBounds } from '../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import { MemoryIncidents } from '../functions/notify/memory-incidents.ts';

const SYSTEM: Clock = {
  nowUs: () => Date.now() * 1000,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The whole path over real sockets and the real clock: metrics in, a webhook receiver out. */
async function started(context: TestContext) {
  const received: { readonly text: string; readonly atMs: number }[] = [];
  let hear: () => void = () => {};
  const slack = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ text: JSON.parse(body).text, atMs: Date.now() });
      response.end('ok');
      hear();
    });
  });
  slack.listen(0, '127.0.0.1');
  await once(slack, 'listening');
  const { cloudwatch, close } = await startAlerting({
    clock: SYSTEM,
    alarms: alarmCatalogue(['BTCUSDT'], {
      functionNames: ['aggregate'],
      consumerNames: ['aggregate'],
      notifyDeadLetterQueue: NOTIFY_DEAD_LETTERS,
    }),
    notify: {
      incidents: new MemoryIncidents(),
      slack: new SlackWebhook(),
      webhooks: fixedWebhooks({ default: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/hook` }),
      signals: { signals: async () => [] },
      links: { grafanaUrl: null, runbookUrl: null },
      count: () => {},
      log: () => {},
    },
  });
  context.after(async () => {
    await close();
    slack.closeAllConnections();
    slack.close();
  });
  const batch = new MetricBatch(new DimensionBounds(['BTCUSDT']));
  const flush = (): void => {
    for (const line of batch.flush(Date.now())) cloudwatch.log(line);
  };
  const posts = async (count: number): Promise<typeof received> => {
    while (received.length < count) await new Promise<void>((resolve) => (hear = resolve));
    return received;
  };
  return { batch, flush, posts };
}

describe('the way of an alarm, over real sockets', () => {
  it('takes under 5 s from the metric to Slack for a feed-integrity and a market alarm', {
    timeout: 20_000,
  }, async (context) => {
    for (const [metric, dimensions, text] of [
      [METRICS.gapsUnfillable, {}, ':rotating_light: Trades are lost'],
      [
        METRICS.signalsRaised,
        { Kind: 'whale', Symbol: 'BTCUSDT' },
        ':information_source: Whale trade: BTCUSDT',
      ],
    ] as const) {
      const { batch, flush, posts } = await started(context);
      const startMs = Date.now();
      batch.add(metric, 1, dimensions);
      flush();
      const [post] = await posts(1);

      assert.equal(post?.text, text);
      const tookMs = (post?.atMs ?? 0) - startMs;
      context.diagnostic(`${metric.name}: ${tookMs} ms from metric to Slack`);
      assert.ok(tookMs < 5000, `${tookMs} ms`);
    }
  });
});
