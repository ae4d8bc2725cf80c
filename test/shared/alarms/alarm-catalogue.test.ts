import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ALARM_FAMILIES, alarmCatalogue, familyOfAlarm } from '../../../shared/alarms/alarm-catalogue.ts';
import type { AwsResources } from '../../../shared/alarms/aws-alarms.ts';
import { AWS_FAMILIES } from '../../../shared/alarms/aws-families.ts';
import { SIGNAL_KINDS } from '../../../shared/events/signal.ts';
import { METRIC_NAMESPACE, METRICS } from '../../../shared/metrics/metric-catalogue.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const symbols = Array.from({ length: 25 }, (_, index) => `COIN${index}USDT`);
const resources = {
  functionNames: ['validate', 'aggregate', 'dead-letter', 'notify'],
  consumerNames: ['validate', 'aggregate', 'dead-letter'],
  notifyDeadLetterQueue: 'notify-dead-letters',
};
const aws: AwsResources = {
  functionNames: resources.functionNames,
  cluster: { name: 'cluster', brokerIds: [1, 2], hasDisks: true, hasCpuCredits: true },
  mappings: [
    { name: 'validate-trades', uuid: 'uuid-1', hasDestination: true },
    { name: 'dead-letter', uuid: 'uuid-2', hasDestination: false },
  ],
};
const catalogue = alarmCatalogue(symbols, resources, aws);

describe('the alarm catalogue', () => {
  it('has a runbook for each family that names it and says what to do', () => {
    for (const { family } of ALARM_FAMILIES) {
      const text = readFileSync(join(root, 'docs', 'runbooks', `${family}.md`), 'utf8');
      assert.ok(text.includes(`\`${family}`), `${family}.md must name its alarm`);
      for (const heading of ['## What it means', '## How to look', '## What to do']) {
        assert.ok(text.includes(heading), `${family}.md lacks "${heading}"`);
      }
    }
  });

  it('has no runbook without an alarm', () => {
    const files = readdirSync(join(root, 'docs', 'runbooks'));
    const families = ALARM_FAMILIES.map((family) => `${family.family}.md`);

    assert.deepEqual(files.sort(), families.sort());
  });

  it('names every alarm once, within what CloudWatch accepts', () => {
    const names = catalogue.map((alarm) => alarm.name);

    assert.equal(new Set(names).size, names.length);
    for (const alarm of catalogue) {
      assert.match(alarm.name, /^[A-Za-z0-9-]{1,255}$/);
      assert.ok(alarm.datapointsToAlarm <= alarm.evaluationPeriods);
      assert.ok(alarm.periodSeconds * alarm.evaluationPeriods <= 86_400);
      assert.ok(alarm.periodSeconds % 60 === 0 || [10, 30].includes(alarm.periodSeconds));
      assert.ok(alarm.fullDescription.length <= 1024);
    }
  });

  it('has market alarms for the first 20 symbols and one per kind beyond', () => {
    const market = catalogue.filter((alarm) => alarm.family.startsWith('market-'));

    assert.equal(market.length, SIGNAL_KINDS.length * 21);
    assert.ok(market.some((alarm) => alarm.name === 'market-whale-COIN19USDT'));
    assert.ok(!market.some((alarm) => alarm.name === 'market-whale-COIN20USDT'));
    assert.equal(market.find((alarm) => alarm.name === 'market-volatility-other')?.metric, 'SignalsRaised');
  });

  it('watches only metrics that are published, with their dimensions and resolution', () => {
    for (const alarm of catalogue.filter((each) => each.namespace === METRIC_NAMESPACE)) {
      const spec = Object.values(METRICS).find((metric) => metric.name === alarm.metric);
      assert.ok(spec !== undefined, alarm.metric);
      const names = alarm.dimensions.map(([name]) => name).sort();
      assert.ok(
        spec.dimensionSets.some((set) => JSON.stringify([...set].sort()) === JSON.stringify(names)),
        `${alarm.name} watches ${alarm.metric} by ${names}`,
      );
      if (alarm.periodSeconds < 60) assert.equal(spec.resolutionSeconds, 1, alarm.name);
    }
  });

  it('has what exists on AWS alone only where that is given, each by the dimension that AWS measures it by', () => {
    const families = new Set(AWS_FAMILIES.map(({ family }) => family));
    const local = alarmCatalogue(symbols, resources);
    assert.deepEqual(
      local.filter(({ family }) => families.has(family)),
      [],
    );
    assert.deepEqual(
      catalogue
        .filter(({ family }) => families.has(family))
        .map(({ name, dimensions }) => [name, dimensions]),
      [
        ...['broker-disk', 'broker-credits'].flatMap((family) =>
          ['1', '2'].map((broker) => [
            `${family}-${broker}`,
            [
              ['Cluster Name', 'cluster'],
              ['Broker ID', broker],
            ],
          ]),
        ),
        ...resources.functionNames.map((name) => [`function-throttled-${name}`, [['FunctionName', name]]]),
        ['mapping-dropped-validate-trades', [['EventSourceMappingUUID', 'uuid-1']]],
        ['mapping-dropped-dead-letter', [['EventSourceMappingUUID', 'uuid-2']]],
        ['mapping-undelivered-validate-trades', [['EventSourceMappingUUID', 'uuid-1']]],
      ],
    );
    const plain = { ...aws, cluster: { ...aws.cluster, hasDisks: false, hasCpuCredits: false } };
    assert.ok(!alarmCatalogue(symbols, resources, plain).some(({ family }) => family.startsWith('broker-')));
  });

  it('finds the family and the thing watched from a name', () => {
    const found = (name: string) => {
      const known = familyOfAlarm(name);
      return known === undefined ? undefined : [known.family.family, known.instance];
    };

    assert.deepEqual(found('market-volatility-bps-BTCUSDT'), ['market-volatility-bps', 'BTCUSDT']);
    assert.deepEqual(found('market-volatility-BTCUSDT'), ['market-volatility', 'BTCUSDT']);
    assert.deepEqual(found('feed-stopped'), ['feed-stopped', null]);
    assert.equal(found('feed-stoppedx'), undefined);
    for (const alarm of catalogue) assert.equal(found(alarm.name)?.[0], alarm.family);
  });
});
