import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readAlarmChange } from '../../../functions/notify/alarm-change.ts';

/** Shaped as a message that AWS sent, names changed. */
const METRIC_MATH = {
  AlarmName: 'Disk <free> *low*',
  AlarmDescription: '',
  AWSAccountId: '000000000000',
  NewStateValue: 'ALARM',
  NewStateReason:
    'Threshold Crossed: 1 out of the last 1 datapoints [29.963851339914484 (25/01/22 23:00:00)] was less than or equal to the threshold (30.0) (minimum 1 datapoint for OK -> ALARM transition).',
  StateChangeTime: '2022-01-25T23:05:48.226+0000',
  Region: 'Asia Pacific (Singapore)',
  OldStateValue: 'OK',
  Trigger: {
    Period: 300,
    EvaluationPeriods: 1,
    ComparisonOperator: 'LessThanOrEqualToThreshold',
    Threshold: 30,
    TreatMissingData: '- TreatMissingData:                    missing',
    EvaluateLowSampleCountPercentile: '',
    Metrics: [
      { Id: 'e1', Expression: '(m2/m1*100)', Label: 'Free percent', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric: { MetricName: 'Disk', Namespace: 'X' } }, ReturnData: false },
    ],
  },
};

const MARKET = {
  AlarmName: 'market-volatility-bps-BTCUSDT',
  AlarmDescription: 'text',
  NewStateValue: 'OK',
  NewStateReason:
    'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
  StateChangeTime: '2026-11-21T12:00:00.500+0000',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:000000000000:alarm:market-volatility-bps-BTCUSDT',
  Trigger: { MetricName: 'SignalsOpen', Threshold: 1, Dimensions: [{ value: 'BTCUSDT', name: 'Symbol' }] },
};

describe('an alarm of an SNS message', () => {
  it('is read with its family, symbol, kind, severity and runbook', () => {
    const change = readAlarmChange(JSON.stringify(MARKET));

    assert.equal(change?.kind, 'volatility-bps');
    assert.equal(change?.instance, 'BTCUSDT');
    assert.equal(change?.severity, 'warning');
    assert.equal(change?.runbook, 'docs/runbooks/market-volatility-bps.md');
    assert.equal(change?.timeMs, Date.UTC(2026, 10, 21, 12, 0, 0, 500));
    assert.equal(change?.value, null);
    assert.equal(change?.id, `${MARKET.AlarmArn}|${MARKET.StateChangeTime}|OK`);
  });

  it('is read behind the prefix of its deployment, whose whole name it keeps', () => {
    const name = 'desk-market-whale-ETHUSDT';
    const change = readAlarmChange(JSON.stringify({ ...MARKET, AlarmName: name }), 'desk-');

    assert.equal(change?.name, name);
    assert.equal(change?.title, 'Whale trade');
    assert.equal(change?.instance, 'ETHUSDT');
    assert.equal(change?.kind, 'whale');
    // An alarm of somebody else on the same topic.
    assert.equal(readAlarmChange(JSON.stringify(MARKET), 'desk-')?.kind, 'volatility-bps');
  });

  it('is read where it is of metric maths and not of the catalogue', () => {
    const change = readAlarmChange(JSON.stringify(METRIC_MATH));

    assert.equal(change?.metric, 'Free percent');
    assert.equal(change?.value, 29.963851339914484);
    assert.equal(change?.threshold, 30);
    assert.equal(change?.description, null);
    assert.equal(change?.severity, 'warning');
    assert.equal(change?.runbook, null);
  });

  it('takes its severity from the description where the catalogue does not know it', () => {
    const told = (AlarmDescription: unknown) =>
      readAlarmChange(JSON.stringify({ ...METRIC_MATH, AlarmDescription }))?.severity;

    assert.deepEqual(
      [told('x Severity: critical. y'), told(null), told(7), told('severity: odd')],
      ['critical', 'warning', 'warning', 'warning'],
    );
  });

  it('is read with any field missing, null or of another type', () => {
    const strange = fc.constantFrom(null, 7, '', 'x', [], {}, [null], [{ name: 1 }]);
    const names = Object.keys(METRIC_MATH).filter((name) => name !== 'AlarmName' && name !== 'NewStateValue');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), strange), (odd) => {
        const change = readAlarmChange(JSON.stringify({ ...METRIC_MATH, ...odd }));

        assert.equal(change?.name, METRIC_MATH.AlarmName);
        assert.ok(Number.isFinite(change?.timeMs));
      }),
    );
  });

  it('is nothing where there is no name or state', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(readAlarmChange(text), undefined);
      }),
    );
  });
});
