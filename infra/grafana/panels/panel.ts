import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type * as common from '@grafana/grafana-foundation-sdk/common';
import {
  type DataTransformerConfig,
  type DynamicConfigValue,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { TIMESTREAM } from '../datasources.ts';

/** What every panel has, whatever it draws. */
export interface PanelSpec {
  /** Stays for good: links lead to a panel by it. */
  readonly id: number;
  readonly title: string;
  /** What is shown and how to read it. */
  readonly description: string;
  /** Why there may be nothing to show. */
  readonly empty: string;
  /** Of 24 columns. */
  readonly width: number;
  /** Rows of the grid. */
  readonly height: number;
  /** As Grafana names units. */
  readonly unit?: string;
  readonly decimals?: number;
  /** Points that the panel asks for at most. @default 600 */
  readonly maxPoints?: number;
  /** The least `$__interval`: no shorter than the windows that are read. */
  readonly minInterval?: string;
  /** Values from which on the figure is bad. */
  readonly thresholds?: Builder<ThresholdsConfig>;
  readonly datasourceUid?: { readonly type: string; readonly uid: string };
  readonly targets: readonly Builder<Dataquery>[];
  /** What the browser makes of the rows. */
  readonly transformations?: readonly DataTransformerConfig[];
  readonly overrides?: readonly Override[];
}

/** Every field with a number: the series of a graph, without its time. */
export const NUMBERS = { type: 'number' } as const;

/** Properties of the fields of one name, of the names that an expression fits, or of every number. */
export interface Override {
  readonly field: string | RegExp | typeof NUMBERS;
  readonly properties: readonly DynamicConfigValue[];
}

/** What all panel builders of the SDK have in common. */
interface AnyPanelBuilder {
  id(id: number): this;
  title(title: string): this;
  description(text: string): this;
  noValue(text: string): this;
  span(width: number): this;
  height(height: number): this;
  maxDataPoints(points: number): this;
  interval(interval: string): this;
  datasource(datasource: common.DataSourceRef): this;
  withTarget(target: Builder<Dataquery>): this;
  withTransformation(transformation: DataTransformerConfig): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
  overrideByRegexp(expression: string, properties: DynamicConfigValue[]): this;
  overrideByFieldType(type: string, properties: DynamicConfigValue[]): this;
}

/** Gives a builder what every panel has. */
export function framed<P extends AnyPanelBuilder>(panel: P, spec: PanelSpec): P {
  panel
    .id(spec.id)
    .title(spec.title)
    .description(spec.description)
    .noValue(spec.empty)
    .span(spec.width)
    .height(spec.height)
    .maxDataPoints(spec.maxPoints ?? 600)
    .datasource(spec.datasourceUid ?? { type: TIMESTREAM.type, uid: TIMESTREAM.reference });
  if (spec.minInterval !== undefined) panel.interval(spec.minInterval);
  if (spec.unit !== undefined) panel.unit(spec.unit);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  panel.thresholds(spec.thresholds ?? steps([[null, 'green']]));
  for (const { field, properties } of spec.overrides ?? []) {
    if (typeof field === 'string') panel.overrideByName(field, [...properties]);
    else if (field instanceof RegExp) panel.overrideByRegexp(`/${field.source}/`, [...properties]);
    else panel.overrideByFieldType(field.type, [...properties]);
  }
  for (const entry of spec.transformations ?? []) panel.withTransformation(entry);
  for (const target of spec.targets) panel.withTarget(target);
  return panel;
}

/** Thresholds from low to high; the first has none. */
export function steps(
  values: readonly (readonly [from: number | null, color: string])[],
): Builder<ThresholdsConfig> {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(values.map(([value, color]) => ({ value, color })));
}

/** What an override sets. */
export const property = {
  name: (value: string): DynamicConfigValue => ({ id: 'displayName', value }),
  unit: (value: string): DynamicConfigValue => ({ id: 'unit', value }),
  decimals: (value: number): DynamicConfigValue => ({ id: 'decimals', value }),
  color: (value: string): DynamicConfigValue => ({
    id: 'color',
    value: { mode: 'fixed', fixedColor: value },
  }),
  width: (value: number): DynamicConfigValue => ({ id: 'custom.width', value }),
  mappings: (value: unknown): DynamicConfigValue => ({ id: 'mappings', value }),
  coloredText: (): DynamicConfigValue => ({ id: 'custom.cellOptions', value: { type: 'color-text' } }),
} as const;
