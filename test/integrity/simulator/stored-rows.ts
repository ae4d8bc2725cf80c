import type { Row } from '../../../shared/row.ts';
import type { TableName } from '../../../shared/tables.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { DEFAULT_RESOLUTIONS, PANE_US, type Resolution } from '../../../shared/window/resolution.ts';
import { columnsOf } from '../../shared/window/window-fixtures.ts';
import type { SimulationResult } from './simulation.ts';

/** A stored candle, read. */
export interface StoredCandle {
  readonly row: Row;
  /** Symbol, resolution and start, for a message. */
  readonly name: string;
  readonly resolution: Resolution;
  /** Its first pane, and the first one after it. */
  readonly startPane: number;
  readonly endPane: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** The rows of a table, those left out of which the store refused a version. */
export function rowsOf({ rows, refusedRows }: SimulationResult, table: TableName): readonly Row[] {
  const refused = new Set(refusedRows.map(identityOf));
  return rows.table(table).filter((row) => !refused.has(identityOf(row)));
}

/** The candles of a symbol, those left out of which the store refused a version. */
export function candlesOf(result: SimulationResult, symbol: MarketSymbol): readonly StoredCandle[] {
  return rowsOf(result, 'candles')
    .filter((row) => isOf(row, symbol))
    .map(candleOf);
}

export function candleOf(row: Row): StoredCandle {
  const name = row.dimensions.find(([dimension]) => dimension === 'resolution')?.[1] ?? '';
  const resolution = DEFAULT_RESOLUTIONS.find((known) => known.name === name);
  if (resolution === undefined) throw new Error(`No resolution ${name}.`);
  const startPane = Number(row.timeNs.slice(0, -3)) / PANE_US;
  return {
    row,
    name: `${symbolOf(row)} ${name} ${new Date(startOf(startPane) / 1_000).toISOString()}`,
    resolution,
    startPane,
    endPane: startPane + resolution.sizePanes,
    columns: columnsOf(row),
  };
}

/** When a pane begins. */
export function startOf(pane: number): Micros {
  return pane * PANE_US;
}

export function isOf(row: Row, symbol: MarketSymbol): boolean {
  return symbolOf(row) === symbol;
}

/** What makes a row that row, whatever its version. */
export function identityOf({ table, timeNs, dimensions }: Row): string {
  return JSON.stringify([table, timeNs, dimensions]);
}

function symbolOf(row: Row): MarketSymbol {
  return row.dimensions.find(([dimension]) => dimension === 'symbol')?.[1] ?? '';
}
