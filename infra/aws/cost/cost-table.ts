import type { Deployment } from '../deployment.ts';
import { SIZE_TABLE, SIZES } from '../sizes.ts';
import { type CostLine, monthlyCost, totalUsd } from './monthly-cost.ts';
import { UNIT_PRICES } from './unit-prices.ts';

/** The cost of one deployment, line by line, as a table in Markdown. */
export function costTable(deployment: Deployment): string {
  const lines = monthlyCost(deployment);
  const rows = lines.map(({ item, price, quantity, usd }) => {
    const { usd: each, unit, source } = UNIT_PRICES[price];
    return `| ${item} | ${amount(quantity)} | ${unit} | ${each} | ${usd.toFixed(2)} | ${source} |`;
  });
  return [
    '| item | quantity | unit | USD each | USD a month | price from (unverified) |',
    '|---|---:|---|---:|---:|---|',
    ...rows,
    `| **all** | | | | **${totalUsd(lines).toFixed(0)}** | |`,
  ].join('\n');
}

/** The totals of every size, each with its own polling, in a table in Markdown. */
export function sizeTable(deployment: Deployment): string {
  const groups = ['log', 'compute and network', 'store and state', 'watching'] as const;
  const rows = SIZES.map((name) => {
    const size = SIZE_TABLE[name];
    const lines = monthlyCost({ ...deployment, size, polling: size.polling });
    const parts = groups.map((group) => totalUsd(lines.filter((line) => groupOf(line) === group)).toFixed(0));
    return `| \`${name}\` | ${parts.join(' | ')} | **${totalUsd(lines).toFixed(0)}** |`;
  });
  return [`| size | ${groups.join(' | ')} | USD a month |`, '|---|---:|---:|---:|---:|---:|', ...rows].join(
    '\n',
  );
}

function groupOf({ price }: CostLine): 'log' | 'compute and network' | 'store and state' | 'watching' {
  if (/^(kafka|express|msk|event|zone)/.test(price)) return 'log';
  if (/^(timestream|dynamodb)/.test(price)) return 'store and state';
  if (/^(metric|alarm|fastAlarm|dashboard|logs|secret|kms|xray|grafana)/.test(price)) return 'watching';
  return 'compute and network';
}

function amount(quantity: number): string {
  return quantity.toLocaleString('en', { maximumFractionDigits: quantity < 10 ? 2 : 0 });
}
