import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LocalCloudWatch } from '../../../../infra/local/cloudwatch/local-cloudwatch.ts';
import { readEmf } from '../../../../infra/local/cloudwatch/read-emf.ts';
import { javaDouble } from '../../../../infra/local/cloudwatch/state-reason.ts';
import { alarmCatalogue } from '../../../../shared/alarms/alarm-catalogue.ts';
import { DimensionBounds } from '../../../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../../../shared/metrics/metric-catalogue.ts';
import { VirtualClock } from '../log/virtual-clock.ts';

const CATALOGUE = alarmCatalogue(['BTCUSDT', 'ETHUSDT'], {
  functionNames: ['aggregate'],
  consumerNames: ['aggregate'],
  notifyDeadLetterQueue: 'notify-dead-letters',
});

interface Message {
  readonly [name: string]: unknown;
  readonly AlarmName: string;
  readonly NewStateValue: string;
  readonly NewStateReason: string;
}

function started(...names: string[]) {
  const clock = new VirtualClock();
  const messages: Message[] = [];
  const subjects: string[] = [];
  const changes: string[] = [];
  const cloudwatch = new LocalCloudWatch({
    clock,
    alarms: CATALOGUE.filter((alarm) => names.includes(alarm.name)),
    publish: ({ subject, message }) => {
      subjects.push(subject);
      messages.push(JSON.parse(message));
    },
    onStateChange: ({ alarm, from, to }) => changes.push(`${alarm.name} ${from} -> ${to}`),
  });
  const batch = new MetricBatch(new DimensionBounds(['BTCUSDT', 'ETHUSDT']));
  const flush = (): void => {
    for (const line of batch.flush(clock.nowUs() / 1000)) cloudwatch.log(line);
  };
  return { clock, cloudwatch, batch, flush, messages, subjects, changes };
}

describe('the local CloudWatch', () => {
  it('raises a market alarm within a second of the signal and recovers when the periods are over', async () => {
    const { clock, batch, flush, messages, subjects, changes } = started('market-whale-BTCUSDT');
    await clock.advance(12_000);
    batch.add(METRICS.signalsRaised, 1, { Kind: 'whale', Symbol: 'BTCUSDT' });
    batch.add(METRICS.signalsRaised, 1, { Kind: 'whale', Symbol: 'ETHUSDT' });
    flush();
    await clock.advance(1000);

    assert.equal(messages.at(-1)?.NewStateValue, 'ALARM');
    assert.match(
      messages.at(-1)?.NewStateReason ?? '',
      /^Threshold Crossed: 1 out of the last 1 datapoints \[1\.0 \(\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\)\] was greater than or equal to the threshold \(1\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    assert.equal(subjects.at(-1), 'ALARM: "market-whale-BTCUSDT" in EU (Ireland)');
    await clock.advance(60_000);
    assert.deepEqual(changes, [
      'market-whale-BTCUSDT INSUFFICIENT_DATA -> OK',
      'market-whale-BTCUSDT OK -> ALARM',
      'market-whale-BTCUSDT ALARM -> OK',
    ]);
    assert.equal(
      messages.at(-1)?.NewStateReason,
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    );
  });

  it('sends the fields that AWS sends, with the dimensions in lower case', async () => {
    const { clock, batch, flush, messages } = started('market-volatility-BTCUSDT');
    batch.add(METRICS.signalsOpen, 1, { Kind: 'volatility', Symbol: 'BTCUSDT' });
    flush();
    await clock.advance(1000);

    const [message] = messages;
    assert.deepEqual(Object.keys(message ?? {}), [
      'AlarmName',
      'AlarmDescription',
      'AWSAccountId',
      'AlarmConfigurationUpdatedTimestamp',
      'NewStateValue',
      'NewStateReason',
      'StateChangeTime',
      'Region',
      'AlarmArn',
      'OldStateValue',
      'OKActions',
      'AlarmActions',
      'InsufficientDataActions',
      'Trigger',
    ]);
    assert.match(String(message?.StateChangeTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    assert.deepEqual(message?.Trigger, {
      MetricName: 'SignalsOpen',
      Namespace: 'MarketMonitor',
      StatisticType: 'Statistic',
      Statistic: 'MAXIMUM',
      Unit: null,
      Dimensions: [
        { value: 'volatility', name: 'Kind' },
        { value: 'BTCUSDT', name: 'Symbol' },
      ],
      Period: 10,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      TreatMissingData: 'ignore',
      EvaluateLowSampleCountPercentile: '',
    });
  });

  it('keeps an open signal in alarm while its symbol is silent, and recovers on a zero', async () => {
    const { clock, batch, flush, changes } = started('market-volatility-BTCUSDT');
    batch.add(METRICS.signalsOpen, 1, { Kind: 'volatility', Symbol: 'BTCUSDT' });
    flush();
    await clock.advance(600_000);
    assert.equal(changes.length, 1);
    batch.add(METRICS.signalsOpen, 0, { Kind: 'volatility', Symbol: 'BTCUSDT' });
    flush();
    await clock.advance(20_000);

    assert.equal(changes.at(-1), 'market-volatility-BTCUSDT ALARM -> OK');
  });

  it('takes silence of the feed for a fault, but not before it had time to begin', async () => {
    const { clock, batch, flush, changes } = started('feed-stopped');
    await clock.advance(25_000);
    assert.deepEqual(changes, []);
    for (let second = 0; second < 60; second += 1) {
      batch.add(METRICS.framesReceived, 5, { Feed: 'trades' });
      flush();
      await clock.advance(1000);
    }
    assert.equal(changes.at(-1), 'feed-stopped INSUFFICIENT_DATA -> OK');
    await clock.advance(65_000);

    assert.equal(changes.at(-1), 'feed-stopped OK -> ALARM');
  });

  it('needs M of N periods, and does not count one that still runs and may yet recover', async () => {
    const { clock, batch, flush, changes } = started('gap-open');
    for (let second = 0; second < 80; second += 5) {
      batch.add(METRICS.gapsOpen, second < 70 ? 1 : 0);
      flush();
      await clock.advance(5000);
      if (second === 50) assert.deepEqual(changes, [], 'fifty-five seconds are not a minute');
    }
    assert.deepEqual(changes, ['gap-open INSUFFICIENT_DATA -> ALARM', 'gap-open ALARM -> OK']);
  });

  it('evaluates percentiles over all values of the period', async () => {
    const { clock, batch, flush, changes } = started('hop-slow-row');
    for (let minute = 0; minute < 4; minute += 1) {
      for (let count = 0; count < 98; count += 1) batch.add(METRICS.hopLatencyMs, 50, { Hop: 'row' });
      flush();
      for (let count = 0; count < 2; count += 1) batch.add(METRICS.hopLatencyMs, 3000, { Hop: 'row' });
      flush();
      await clock.advance(60_000);
    }

    assert.equal(changes.at(-1), 'hop-slow-row OK -> ALARM');
  });

  it('sends nothing while nothing changes', async () => {
    const { clock, batch, flush, messages } = started('gap-unfillable');
    for (let second = 0; second < 30; second += 1) {
      batch.add(METRICS.gapsUnfillable, 1);
      flush();
      await clock.advance(1000);
    }

    assert.equal(messages.filter((message) => message.NewStateValue === 'ALARM').length, 1);
  });

  it('reads no metric from an ordinary line', () => {
    for (const line of [
      'hello',
      '{"level":"INFO"}',
      '{"_aws":1}',
      '{"_aws":{"Timestamp":1',
      '{"_aws":{"Timestamp":1}}',
    ]) {
      assert.deepEqual(readEmf(line), []);
    }
  });

  it('prints numbers as CloudWatch does', () => {
    assert.deepEqual([1, 2.5, 2e7, 0, 12_345_678, 0.0005].map(javaDouble), [
      '1.0',
      '2.5',
      '2.0E7',
      '0.0',
      '1.2345678E7',
      '5.0E-4',
    ]);
  });
});
