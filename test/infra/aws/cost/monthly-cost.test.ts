import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { costTable, sizeTable } from '../../../../infra/aws/cost/cost-table.ts';
import { MONTH_HOURS, monthlyCost, totalUsd } from '../../../../infra/aws/cost/monthly-cost.ts';
import { messagesASecond } from '../../../../infra/aws/cost/traffic.ts';
import { UNIT_PRICES } from '../../../../infra/aws/cost/unit-prices.ts';
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

  test('stands in docs/deploying.md as the command prints it', () => {
    const file = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'deploying.md');
    // The formatter pads the cells of a table.
    const plain = (text: string) =>
      text
        .replaceAll(/ +/g, ' ')
        .replaceAll(/-{3,}/g, '---')
        .replaceAll(/\| ?(---:?) ?/g, '|$1');
    assert.ok(plain(readFileSync(file, 'utf8')).includes(plain(sizeTable(deploymentOf()))));
  });

  test('counts nothing of streams that are not watched', () => {
    assert.deepEqual(messagesASecond(1, ['trade']), { trades: 30, quotes: 0, all: 30 });
  });
});
