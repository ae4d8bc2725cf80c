import {
  CandleStyle,
  PanelBuilder as CandlestickBuilder,
  CandlestickColorsBuilder,
  CandlestickFieldMapBuilder,
  ColorStrategy,
  VizDisplayMode,
} from '@grafana/grafana-foundation-sdk/candlestick';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatusHistoryBuilder } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { framed, type PanelSpec } from './panel.ts';
import { WORDS } from './words.ts';

/** A graph over time. */
export interface GraphSpec extends PanelSpec {
  /** Bars for what adds up over an interval, lines for what has a value at a time. */
  readonly draw: 'lines' | 'bars' | 'stacked bars' | 'points';
  /** What the legend says of each series. @default ['lastNotNull'] */
  readonly legend?: readonly string[];
  /** Draws the thresholds as dashed lines. @default false */
  readonly drawThresholds?: boolean;
  /** @default 0 */
  readonly axisSoftMin?: number | null;
}

/** A graph over time; a hole in the data stays a hole. */
export function graph(spec: GraphSpec): Builder<Panel> {
  const bars = spec.draw === 'bars' || spec.draw === 'stacked bars';
  const panel = framed(new TimeSeriesBuilder(), spec)
    .drawStyle(
      bars ? GraphDrawStyle.Bars : spec.draw === 'points' ? GraphDrawStyle.Points : GraphDrawStyle.Line,
    )
    .fillOpacity(bars ? 70 : 0)
    .lineWidth(1)
    .pointSize(4)
    .showPoints(spec.draw === 'points' ? VisibilityMode.Always : VisibilityMode.Auto)
    .spanNulls(false)
    .legend(legend(spec.legend ?? ['lastNotNull']))
    .tooltip(tooltip());
  if (spec.axisSoftMin !== null) panel.axisSoftMin(spec.axisSoftMin ?? 0);
  if (spec.draw === 'stacked bars') {
    panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  }
  if (spec.drawThresholds === true) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return panel;
}

/** Candles with volume below, other columns as lines over them. */
export function candles(spec: PanelSpec): Builder<Panel> {
  return framed(new CandlestickBuilder(), spec)
    .mode(VizDisplayMode.CandlesVolume)
    .candleStyle(CandleStyle.Candles)
    .colorStrategy(ColorStrategy.OpenClose)
    .fields(
      new CandlestickFieldMapBuilder().open('open').high('high').low('low').close('close').volume('volume'),
    )
    .colors(new CandlestickColorsBuilder().up('green').down('red').flat('text'))
    .includeAllFields(true)
    .lineWidth(1)
    .spanNulls(false)
    .legend(legend([]))
    .tooltip(tooltip());
}

/** A cell for each point in time, coloured by its word; where there is no row there is no cell. */
export function words(spec: PanelSpec): Builder<Panel> {
  return framed(new StatusHistoryBuilder(), spec)
    .mappings([...WORDS])
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(80)
    .legend(legend([]))
    .tooltip(tooltip());
}

function legend(calcs: readonly string[]): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(calcs.length > 0 ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([...calcs]);
}

function tooltip(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
}
