import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { framed, type PanelSpec } from './panel.ts';
import { WORDS } from './words.ts';

/** Large figures, one for each series or column. */
export interface FiguresSpec extends PanelSpec {
  /** A small curve behind the figure. @default false */
  readonly curve?: boolean;
  /** How far the last value is from the first. @default false */
  readonly change?: boolean;
}

/** Large figures: the last value of each series. */
export function figures(spec: FiguresSpec): Builder<Panel> {
  return framed(new StatBuilder(), spec)
    .graphMode(spec.curve === true ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .showPercentChange(spec.change ?? false)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
}

/** A table. */
export interface ListSpec extends PanelSpec {
  /** The column that it is sorted by. */
  readonly sortBy: string;
  /** @default true */
  readonly descending?: boolean;
}

/** A table of rows; words of coverage, audit and severity are coloured. */
export function list(spec: ListSpec): Builder<Panel> {
  return framed(new TableBuilder(), spec)
    .mappings([...WORDS])
    .cellHeight(TableCellHeight.Sm)
    .filterable(true)
    .sortBy([new TableSortByFieldStateBuilder().displayName(spec.sortBy).desc(spec.descending ?? true)]);
}
