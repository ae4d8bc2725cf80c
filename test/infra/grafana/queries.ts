import { generatedFiles } from '../../../infra/grafana/generated-files.ts';
import { expandMacros } from './plugin/expand-macros.ts';
import { interpolateVariables, type VariableValue } from './plugin/interpolate-variables.ts';

/** A Timestream query as it stands in a generated file, and where. */
export interface FoundQuery {
  /** `market 11 A`, `market variable symbol`, `alert cmm-spread`. */
  readonly place: string;
  readonly sql: string;
  readonly database: string;
  readonly table: string;
  readonly format: number;
  readonly refId: string;
  /** Points that a panel asks for, and its least interval; null outside panels. */
  readonly panel: {
    readonly id: number;
    readonly maxPoints: number;
    readonly minInterval: string | null;
  } | null;
}

/** What a reader has chosen. */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
  /** @default what Grafana takes for the panel */
  readonly intervalMs?: number;
  readonly symbol?: VariableValue;
  readonly resolution?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The generated files, parsed. */
export function generated(path: string): Json {
  return asJson(JSON.parse(generatedFiles().get(path) ?? 'null'));
}

export const DASHBOARDS = ['market', 'risk', 'pipeline'] as const;

/** Every panel of a dashboard, rows left out. */
export function panelsOf(dashboard: string): readonly Json[] {
  return listOf(generated(`dashboards/${dashboard}.json`).panels).filter(({ type }) => type !== 'row');
}

/** Every Timestream query of the dashboards: panels, variables and annotations. */
export function dashboardQueries(): readonly FoundQuery[] {
  return DASHBOARDS.flatMap((name) => {
    const dashboard = generated(`dashboards/${name}.json`);
    const panels = panelsOf(name).flatMap((panel) =>
      listOf(panel.targets)
        .filter(isTimestream)
        .map((target) => ({
          ...targetQuery(`${name} ${panel.id} ${target.refId}`, target),
          panel: {
            id: Number(panel.id),
            maxPoints: Number(panel.maxDataPoints),
            minInterval: typeof panel.interval === 'string' ? panel.interval : null,
          },
        })),
    );
    const annotations = listOf(asJson(dashboard.annotations).list).map((entry) =>
      targetQuery(`${name} annotation ${entry.name}`, asJson(entry.target)),
    );
    const variables = listOf(asJson(dashboard.templating).list)
      .filter(({ type }) => type === 'query')
      .map((variable) => ({
        ...targetQuery(`${name} variable ${variable.name}`, {
          rawQuery: variable.query,
          refId: 'GetStrings',
          format: 0,
        }),
      }));
    return [...panels, ...annotations, ...variables];
  });
}

/** The query of every alert rule. */
export function alertQueries(): readonly FoundQuery[] {
  return listOf(generated('alerting/rules.json').groups)
    .flatMap((group) => listOf(group.rules))
    .map((rule) => targetQuery(`alert ${rule.uid}`, asJson(asJson(listOf(rule.data)[0]).model)));
}

/** The query of a place; fails where there is none. */
export function queryAt(place: string): FoundQuery {
  const found = [...dashboardQueries(), ...alertQueries()].find((query) => query.place === place);
  if (found === undefined) throw new Error(`no query at ${place}`);
  return found;
}

/** What the plugin sends for a query: variables put in by the front end, macros by the back end. */
export function sentSql(query: FoundQuery, view: View): string {
  const text = interpolateVariables(query.sql, {
    symbol: view.symbol ?? { raw: "'every symbol'" },
    resolution: view.resolution ?? 'auto',
  });
  return expandMacros(text, {
    fromMs: view.fromMs,
    toMs: view.toMs,
    intervalMs: view.intervalMs ?? intervalOf(query, view),
    database: query.database,
    table: query.table,
    refId: query.refId,
  });
}

/** Steps of Grafana's intervals: a range over the points is rounded to one of them. */
const NICE_MS = [
  10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 20e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1200e3,
  1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3,
] as const;

/** The interval that Grafana takes for a panel: rounded, and no less than the panel's least. */
export function intervalOf(query: FoundQuery, { fromMs, toMs }: View): number {
  const exact = (toMs - fromMs) / (query.panel?.maxPoints ?? 1000);
  const nice = NICE_MS.reduce((best, step) =>
    Math.abs(step - exact) < Math.abs(best - exact) ? step : best,
  );
  const least = { '10s': 10_000, '30s': 30_000, '1m': 60_000 }[query.panel?.minInterval ?? ''] ?? 0;
  return Math.max(nice, least);
}

function targetQuery(place: string, target: Json): FoundQuery {
  return {
    place,
    sql: String(target.rawQuery),
    database: String(target.database ?? ''),
    table: String(target.table ?? ''),
    format: Number(target.format),
    refId: String(target.refId),
    panel: null,
  };
}

function isTimestream(target: Json): boolean {
  return asJson(target.datasource).type === 'grafana-timestream-datasource';
}

/** The value as an object; fails where it is none. */
export function asJson(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${String(value)}`);
  return { ...value };
}

/** The value as a list of objects; empty where it is none. */
export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}
