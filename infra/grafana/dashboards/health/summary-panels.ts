import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { TABLES } from '../../../../shared/tables.ts';
import { figures, list } from '../../panels/figures.ts';
import { property, steps } from '../../panels/panel.ts';
import * as sql from '../../sql/health.ts';
import { FORMAT } from '../../timestream-query.ts';
import { alarmFamily, type HealthQuery, NO_ROWS } from './health-panels.ts';

/** The range in figures, and how fresh each symbol is. */
export function summaryPanels(query: HealthQuery): readonly Builder<Panel>[] {
  return [
    figures({
      id: 1,
      title: 'The range in figures',
      description:
        'Trades and quotes in the store, minutes whose trades are known to be incomplete, minutes that differ from the exchange’s kline, and dead letters.',
      empty: NO_ROWS,
      width: 16,
      height: 5,
      unit: 'short',
      targets: [
        query(sql.TOTALS, FORMAT.table, TABLES.candles, 'A'),
        query(sql.QUOTE_TOTAL, FORMAT.table, TABLES.spreads, 'B'),
        query(sql.LETTER_TOTAL, FORMAT.table, TABLES.deadLetters, 'C'),
      ],
      overrides: [
        { field: 'trades', properties: [property.name('Trades')] },
        { field: 'quotes', properties: [property.name('Quotes')] },
        { field: 'gap_minutes', properties: [property.name('Minutes with gaps'), property.color('red')] },
        {
          field: 'differing_minutes',
          properties: [property.name('Minutes that differ'), property.color('red')],
        },
        { field: 'letters', properties: [property.name('Dead letters'), property.color('orange')] },
      ],
    }),
    list({
      id: 2,
      title: 'Freshness',
      description:
        'For each symbol how long ago its newest window in the range began, by trades or by quotes. A window of 10 s is written at least once a second while it is open, so a busy symbol stays below 12 s. It is measured by the store’s clock: in a replay it says how long ago the recording was.',
      empty: NO_ROWS,
      width: 8,
      height: 5,
      sortBy: 'Age',
      thresholds: steps([
        [null, 'green'],
        [alarmFamily('symbol-stale').threshold, 'orange'],
      ]),
      targets: [query(sql.FRESHNESS, FORMAT.table)],
      overrides: [
        { field: 'symbol', properties: [property.name('Symbol')] },
        { field: 'newest', properties: [property.name('Newest window')] },
        {
          field: 'age_ms',
          properties: [property.name('Age'), property.unit('ms'), property.coloredText()],
        },
      ],
    }),
  ];
}
