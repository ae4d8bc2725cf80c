import { isDeepStrictEqual } from 'node:util';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CodedError } from '../../../shared/coded-error.ts';
import { alertRules, EVERY_SECONDS, GROUP } from '../alerts/alert-rules.ts';
import { allDashboards } from '../dashboards/all-dashboards.ts';
import { TIMESTREAM } from '../datasources.ts';
import { FOLDER } from '../generated-files.ts';
import type { Answer, GrafanaApi } from './grafana-api.ts';
import { inNamespace } from './in-namespace.ts';

/** What is pushed, and where to. */
export interface PushOptions {
  /** The folder's title; made where there is none. @default 'Crypto Market Monitor' */
  readonly folder?: string;
  /** The Timestream database that queries read. @default 'market' */
  readonly database?: string;
  /** The CloudWatch namespace of the monitor's own metrics. @default that of the catalogue */
  readonly namespace?: string;
  /** The datasource of the alert rules. @default the only one, or the default one, of the plugin */
  readonly datasource?: string;
  /** Whether the alert rules are pushed too. @default true */
  readonly alerts?: boolean;
}

/** What became of one thing that was pushed. */
export interface Pushed {
  readonly what: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** Its page, below the workspace's address. */
  readonly path: string;
}

/**
 * Puts dashboards and alert rules into a Grafana. What is there already is updated under the same id, and left
 * alone where it is equal: a second push changes nothing.
 *
 * Fails as {@link GrafanaApi} does, and with `GRAFANA_PLUGIN_MISSING`, `GRAFANA_NO_DATASOURCE` or
 * `GRAFANA_DATASOURCE_UNCLEAR`. Nothing is written before all of that is known to be right.
 */
export async function pushDashboards(api: GrafanaApi, options: PushOptions = {}): Promise<readonly Pushed[]> {
  const database = options.database ?? 'market';
  await api.requireGrafana();
  await requirePlugin(api);
  const datasourceUid = await datasourceOf(api, options.datasource);
  const folderUid = await ensureFolder(api, options.folder ?? FOLDER.title);
  const pushed: Pushed[] = [];
  for (const dashboard of allDashboards(database)) {
    const asked = options.namespace === undefined ? dashboard : inNamespace(dashboard, options.namespace);
    pushed.push(await pushDashboard(api, asked, folderUid));
  }
  if (options.alerts !== false) pushed.push(await pushRules(api, { database, datasourceUid, folderUid }));
  return pushed;
}

async function requirePlugin(api: GrafanaApi): Promise<void> {
  const settings = await api.get(`/api/plugins/${TIMESTREAM.type}/settings`);
  if (settings !== null) return;
  throw new CodedError(
    'GRAFANA_PLUGIN_MISSING',
    `This Grafana has no plugin ${TIMESTREAM.type}. Install it: in Amazon Managed Grafana turn on plugin management and add "Amazon Timestream" under Plugins; elsewhere run "grafana cli plugins install ${TIMESTREAM.type}" and restart.`,
  );
}

async function datasourceOf(api: GrafanaApi, wanted: string | undefined): Promise<string> {
  const answer = await api.get('/api/datasources');
  const all = (Array.isArray(answer) ? answer : [])
    .map(fields)
    .filter(({ type }) => type === TIMESTREAM.type);
  const found =
    wanted === undefined
      ? (all.find(({ isDefault }) => isDefault === true) ?? (all.length === 1 ? all[0] : undefined))
      : all.find(({ uid, name }) => uid === wanted || name === wanted);
  if (typeof found?.uid === 'string') return found.uid;
  const names = all.map(({ name }) => String(name)).join(', ');
  if (wanted !== undefined || all.length === 0) {
    throw new CodedError(
      'GRAFANA_NO_DATASOURCE',
      `This Grafana has no Timestream datasource${wanted === undefined ? '' : ` ${wanted}`}${names === '' ? '' : ` (it has ${names})`}. Add one under Connections, with the region and the default database "market".`,
    );
  }
  throw new CodedError(
    'GRAFANA_DATASOURCE_UNCLEAR',
    `This Grafana has several Timestream datasources (${names}) and none is the default. Choose one with --datasource.`,
  );
}

async function ensureFolder(api: GrafanaApi, title: string): Promise<string> {
  const answer = await api.get('/api/folders?limit=1000');
  const folders = (Array.isArray(answer) ? answer : []).map(fields);
  const found = folders.find((folder) => folder.title === title);
  if (typeof found?.uid === 'string') return found.uid;
  const uid = title === FOLDER.title ? FOLDER.uid : slug(title);
  const made = fields(await api.post('/api/folders', { uid, title }));
  return typeof made.uid === 'string' ? made.uid : uid;
}

async function pushDashboard(api: GrafanaApi, dashboard: Dashboard, folderUid: string): Promise<Pushed> {
  const wanted = plain(dashboard);
  const existing = fields(await api.get(`/api/dashboards/uid/${dashboard.uid}`));
  const { id: _id, version: _version, ...there } = fields(existing.dashboard);
  const isThere = Object.keys(there).length > 0;
  const what = `dashboard ${dashboard.title}`;
  const path = `/d/${dashboard.uid}`;
  if (isThere && fields(existing.meta).folderUid === folderUid && isDeepStrictEqual(there, wanted)) {
    return { what, outcome: 'unchanged', path };
  }
  await api.post('/api/dashboards/db', {
    dashboard: { ...wanted, id: null },
    folderUid,
    overwrite: true,
    message: 'npm run grafana:push',
  });
  return { what, outcome: isThere ? 'updated' : 'created', path };
}

async function pushRules(
  api: GrafanaApi,
  options: { readonly database: string; readonly datasourceUid: string; readonly folderUid: string },
): Promise<Pushed> {
  const path = `/api/v1/provisioning/folder/${options.folderUid}/rule-groups/${GROUP}`;
  const existing = await api.get(path);
  const group = {
    title: GROUP,
    folderUid: options.folderUid,
    interval: EVERY_SECONDS,
    rules: alertRules(options).map(plain),
  };
  // Without this header the rules could be changed by the API alone, not by a person in the browser.
  await api.put(path, group, { 'x-disable-provenance': 'true' });
  return {
    what: `alert rules ${GROUP}`,
    outcome: existing === null ? 'created' : 'updated',
    path: '/alerting/list',
  };
}

/** As it is after a way through JSON: without what is undefined. */
function plain(value: unknown): Readonly<Record<string, unknown>> {
  return fields(JSON.parse(JSON.stringify(value)));
}

function fields(value: Answer | unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function slug(title: string): string {
  const text = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return text.slice(0, 40) || FOLDER.uid;
}
