import { alertFile } from './alerts/alert-file.ts';
import { alertRules, PROVISIONED_DATASOURCE } from './alerts/alert-rules.ts';
import { allDashboards } from './dashboards/all-dashboards.ts';

/** The folder that dashboards and rules stand in, in Grafana. */
export const FOLDER = { title: 'Crypto Market Monitor', uid: 'crypto-market-monitor' } as const;

/** The database that the checked-in files read. */
export const DEFAULT_DATABASE = 'market';

/**
 * What `npm run grafana:build` writes below `infra/grafana/generated`, by path. The files are checked in: who
 * loads them into Grafana needs no build, and a review sees what changes. A test holds them to the code.
 */
export function generatedFiles(database: string = DEFAULT_DATABASE): ReadonlyMap<string, string> {
  const rules = alertRules({
    database,
    datasourceUid: PROVISIONED_DATASOURCE,
    folderUid: FOLDER.uid,
  });
  return new Map([
    ...allDashboards(database).map(
      (dashboard) => [`dashboards/${dashboard.uid}.json`, json(dashboard)] as const,
    ),
    ['alerting/rules.json', json(alertFile(rules, FOLDER.title))],
  ]);
}

/** Widest line of a generated file: the formatter's. */
const LINE_WIDTH = 110;

/** JSON as the repository's formatter writes it: a list of plain values on one line where it fits. */
function json(value: unknown): string {
  return `${lines(value, 0, 0)}\n`;
}

function lines(value: unknown, depth: number, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = '  '.repeat(depth + 1);
  const outer = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const oneLine = `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`;
    const isPlain = value.every((entry) => typeof entry !== 'object' || entry === null);
    if (isPlain && outer.length + before + oneLine.length < LINE_WIDTH) return oneLine;
    return `[\n${value.map((entry) => inner + lines(entry, depth + 1, 0)).join(',\n')}\n${outer}]`;
  }
  const entries = Object.entries(value).filter(([, entry]) => isJson(entry));
  if (entries.length === 0) return '{}';
  const fields = entries.map(([name, entry]) => {
    const label = `${JSON.stringify(name)}: `;
    return inner + label + lines(entry, depth + 1, label.length);
  });
  return `{\n${fields.join(',\n')}\n${outer}}`;
}

function isJson(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function';
}
