import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { costTable, sizeTable } from '../../../../infra/aws/cost/cost-table.ts';
import { monthlyCost, totalUsd } from '../../../../infra/aws/cost/monthly-cost.ts';
import { messagesASecond } from '../../../../infra/aws/cost/traffic.ts';
import { UNIT_PRICES } from '../../../../infra/aws/cost/unit-prices.ts';
import { MONTH_HOURS } from '../../../../infra/aws/cost/usage.ts';
import { deploymentOf } from '../synthesise.ts';

describe('the monthly cost', () => {
  test('is the sum of quantities at unit prices', () => {
    const lines = monthlyCost(deploymentOf());
    for (const { price, quantity, usd } of lines) assert.equal(usd, quantity * UNIT_PRICES[price].usd);
    assert.equal(
      totalUsd(lines),
      lines.reduce((sum, { usd }) => sum + usd, 0),
    );
    const brokers = lines.find(({ item }) => item === 'MSK brokers');
    assert.equal(brokers?.usd, 2 * MONTH_HOURS * 0.0456);
  });

  test('knows the brokers of every size, and pollers only where they are provisioned', () => {
    for (const size of ['dev', 'standard', 'express']) {
      for (const polling of ['provisioned', 'on-demand']) {
        const lines = monthlyCost(deploymentOf({ size, polling }));
        assert.equal(
          lines.some(({ item }) => item === 'Event pollers'),
          polling === 'provisioned',
        );
        assert.ok(lines.every(({ usd }) => usd > 0 && Number.isFinite(usd)));
      }
    }
  });

  test('counts what is watched by traces, by metrics of the mappings and of containers, by logs and by Grafana', () => {
    const items = (given: Readonly<Record<string, string>>) =>
      new Map(monthlyCost(deploymentOf(given)).map(({ item, quantity }) => [item, quantity]));
    const [dev, standard] = [items({}), items({ size: 'standard', managedGrafana: 'yes' })];
    assert.equal(dev.get('Metrics of the mappings'), 5 * 14);
    assert.equal(dev.get('Disk of the NAT instance'), 8);
    assert.equal(dev.has('Container Insights'), false);
    assert.equal(dev.get('Broker logs'), 2);
    assert.equal(standard.get('Container Insights'), 30);
    assert.equal(standard.has('Disk of the NAT instance'), false);
    assert.equal(standard.get('Broker logs'), 3);
    assert.equal(standard.get('Managed Grafana, one editor'), 1);
    // Four mappings of two calls a second are two functions of four: one of them traced, and 5 % of three.
    assert.ok(Math.abs((dev.get('Traces') ?? 0) - 2 * (1 + 3 * 0.05) * MONTH_HOURS * 3_600) < 1);
  });

  test('takes one read and one write of the state for each symbol of a fold', () => {
    const lines = monthlyCost(deploymentOf({ polling: 'provisioned' }));
    const quantity = (item: string) => lines.find((line) => line.item === item)?.quantity;
    // Two folding mappings, ten calls a second, three symbols.
    assert.equal(quantity('DynamoDB writes'), 2 * 10 * 3 * MONTH_HOURS * 3_600);
    assert.equal(quantity('DynamoDB reads'), quantity('DynamoDB writes'));
  });

  test('grows with the symbols and the streams', () => {
    const cost = (given: Readonly<Record<string, string>>) => totalUsd(monthlyCost(deploymentOf(given)));
    const hundred = Array.from({ length: 100 }, (_, index) => `COIN${index}USDT`).join(',');
    assert.ok(cost({ symbols: hundred }) > cost({}));
    assert.ok(cost({}) > cost({ streams: 'trade' }));
    assert.ok(cost({ keepEvents: 'yes' }) > cost({}));
    assert.ok(cost({ size: 'standard' }) > cost({ size: 'dev' }));
  });

  test('names a page for every price, and says that none was checked', () => {
    const table = costTable(deploymentOf());
    assert.match(table, /unverified/);
    assert.equal(
      table.split('\n').filter((line) => line.includes('https://aws.amazon.com/')).length,
      monthlyCost(deploymentOf()).length,
    );
    for (const size of ['dev', 'standard', 'express'])
      assert.ok(sizeTable(deploymentOf()).includes(`\`${size}\``));
  });

  for (const page of ['docs/deploying.md', 'README.md']) {
    test(`stands in ${page} as the command prints it`, () => {
      const file = join(import.meta.dirname, '..', '..', '..', '..', page);
      // The formatter pads the cells of a table.
      const plain = (text: string) =>
        text
          .replaceAll(/ +/g, ' ')
          .replaceAll(/-{3,}/g, '---')
          .replaceAll(/\| ?(---:?) ?/g, '|$1');
      assert.ok(plain(readFileSync(file, 'utf8')).includes(plain(sizeTable(deploymentOf()))));
    });
  }

  test('counts nothing of streams that are not watched', () => {
    assert.deepEqual(messagesASecond(1, ['trade']), { trades: 30, quotes: 0, all: 30 });
  });
});
