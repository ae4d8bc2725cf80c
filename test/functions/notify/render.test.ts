import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAlarmChange } from '../../../functions/notify/alarm-change.ts';
import type { Entry, Post } from '../../../functions/notify/incident.ts';
import { renderPost } from '../../../functions/notify/render.ts';
import { escapeMrkdwn } from '../../../functions/notify/slack-message.ts';

const LINKS = { grafanaUrl: 'http://127.0.0.1:3000/', runbookUrl: 'https://docs.example/repo' };
const TIME = Date.UTC(2026, 10, 21, 12);

function entry(fields: object): Entry {
  const change = readAlarmChange(
    JSON.stringify({
      AlarmName: 'market-volatility-BTCUSDT',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed: 1 out of the last 1 datapoints [1.0 (21/11/26 11:59:50)] was …',
      StateChangeTime: '2026-11-21T12:00:00.000+0000',
      Trigger: { MetricName: 'SignalsOpen', Threshold: 1 },
      ...fields,
    }),
  );
  assert.ok(change !== undefined);
  return { change, repeat: false, sinceMs: TIME };
}

function post(...entries: Entry[]): Post {
  return { id: 'p', entries, more: 0, startedMs: TIME };
}

describe('a Slack message', () => {
  it('says what, where, since when, how far over, with evidence and links', () => {
    const message = renderPost(
      post(entry({})),
      () => [
        {
          symbol: 'BTCUSDT',
          severity: 'warning',
          state: 'open',
          value: 2.512345678,
          threshold: 2,
          baseline: null,
          timeNs: '1795262399123000001',
          ids: [3735683259],
          prices: [61837.63],
        },
      ],
      LINKS,
    );

    assert.deepEqual(message, {
      text: ':warning: Price is volatile: BTCUSDT',
      blocks: [
        {
          type: 'header',
          text: { type: 'plain_text', text: ':warning: Price is volatile: BTCUSDT', emoji: true },
        },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Value* 2.512346 against 2 (1.3 ×)' },
            {
              type: 'mrkdwn',
              text: `*Since* <!date^${TIME / 1000}^{date_short_pretty} {time_secs}|2026-11-21 12:00:00 UTC>`,
            },
            { type: 'mrkdwn', text: '*Severity* warning' },
            { type: 'mrkdwn', text: '*Alarm* market-volatility-BTCUSDT' },
          ],
        },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: 'The price deviation within a minute is above its absolute threshold.',
          },
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '• 11:59:59.123 BTCUSDT: 2.512346 at 61837.63 (id 3735683259)' },
        },
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              text:
                `<http://127.0.0.1:3000/d/market?from=${TIME - 300_000}&to=${TIME + 300_000}&var-symbol=BTCUSDT|Grafana>` +
                '  ·  <https://docs.example/repo/docs/runbooks/market-volatility.md|Runbook>',
            },
          ],
        },
      ],
    });
  });

  it('lets nothing of an alarm mention, link or format', () => {
    const message = JSON.stringify(
      renderPost(
        post(
          entry({
            AlarmName: '<!channel> & *bold* <https://evil.example|x>',
            AlarmDescription: 'see <@U1> `code` ~no~',
          }),
        ),
        () => undefined,
        LINKS,
      ),
    );
    const inBlocks = message.slice(message.indexOf('"section"'));

    assert.doesNotMatch(inBlocks, /<!channel|<@U1|<https:\/\/evil/);
    assert.match(inBlocks, /&lt;!channel&gt; &amp;/);
    assert.equal(escapeMrkdwn('*a* <b>'), '\u200b*a\u200b* &lt;b&gt;');
  });

  it('escapes the header and the notification text too', () => {
    const message = renderPost(post(entry({ AlarmName: '<!everyone>' })), () => undefined, LINKS);

    assert.ok(!JSON.stringify(message).includes('<!everyone'));
  });

  it('tells severities apart and leaves links out where none are set', () => {
    const critical = renderPost(post(entry({ AlarmName: 'gap-unfillable' })), () => undefined, {
      grafanaUrl: null,
      runbookUrl: null,
    });

    assert.match(critical.text, /^:rotating_light: Trades are lost$/);
    assert.match(JSON.stringify(critical), /Runbook docs\/runbooks\/gap-unfillable\.md/);
  });

  it('stays within the limits of Slack', () => {
    const long = entry({ AlarmName: 'x'.repeat(2000), AlarmDescription: '<'.repeat(9000) });
    const single = renderPost(post(long), () => undefined, LINKS);
    const many = renderPost(post(...Array.from({ length: 90 }, () => long)), () => undefined, LINKS);
    for (const block of [...single.blocks, ...many.blocks]) {
      if (block.type === 'header') assert.ok(block.text.text.length <= 150);
      if (block.type === 'section' && 'text' in block) assert.ok(block.text.text.length <= 3000);
    }

    assert.ok(many.blocks.length <= 50);
  });

  it('keeps the names of emoji whole in a list', () => {
    const message = renderPost(
      post(entry({}), entry({ AlarmName: 'gap-unfillable' })),
      () => undefined,
      LINKS,
    );

    assert.match(JSON.stringify(message.blocks), /\*:rotating_light: Trades are lost\*/);
  });
});
