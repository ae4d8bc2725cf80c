import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A Grafana of a few endpoints, with what it holds in plain sight. */
export interface FakeGrafana {
  readonly url: string;
  readonly calls: string[];
  readonly folders: { uid: string; title: string }[];
  readonly dashboards: Map<
    string,
    { dashboard: Record<string, unknown>; folderUid: string; version: number }
  >;
  readonly groups: Map<string, Record<string, unknown>>;
  datasources: Record<string, unknown>[];
  hasPlugin: boolean;
  close(): Promise<void>;
}

export const TOKEN = 'glsa_test';

/** Starts one on a free port of loopback, with the plugin and one datasource. */
export async function startFakeGrafana(): Promise<FakeGrafana> {
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const grafana: FakeGrafana = {
    get url() {
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    },
    calls: [],
    folders: [],
    dashboards: new Map(),
    groups: new Map(),
    datasources: [
      { uid: 'ts-1', name: 'Timestream', type: 'grafana-timestream-datasource', isDefault: false },
    ],
    hasPlugin: true,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const body = await bodyOf(request);
    grafana.calls.push(`${request.method} ${path}`);
    if (path === '/api/health') {
      send(200, { database: 'ok', version: '12.2.0' });
      return;
    }
    if (request.headers.authorization === 'Bearer viewer' && request.method !== 'GET') {
      send(403, { message: "You'll need additional permissions to perform this action." });
      return;
    }
    if (
      request.headers.authorization !== `Bearer ${TOKEN}` &&
      request.headers.authorization !== 'Bearer viewer'
    ) {
      send(401, { message: 'Invalid API key' });
      return;
    }
    const route = `${request.method} ${path}`;
    if (route === 'GET /api/plugins/grafana-timestream-datasource/settings') {
      send(grafana.hasPlugin ? 200 : 404, { message: 'Plugin not found, no installed plugin with that id' });
    } else if (route === 'GET /api/datasources') send(200, grafana.datasources);
    else if (route === 'GET /api/folders') send(200, grafana.folders);
    else if (route === 'POST /api/folders') {
      const folder = { uid: String(body.uid), title: String(body.title) };
      grafana.folders.push(folder);
      send(200, folder);
    } else if (route.startsWith('GET /api/dashboards/uid/')) {
      const found = grafana.dashboards.get(path.split('/').at(-1) ?? '');
      if (found === undefined) send(404, { message: 'Dashboard not found' });
      else send(200, { dashboard: found.dashboard, meta: { folderUid: found.folderUid } });
    } else if (route === 'POST /api/dashboards/db') {
      const dashboard = { ...Object(body.dashboard) };
      const version = (grafana.dashboards.get(dashboard.uid)?.version ?? 0) + 1;
      grafana.dashboards.set(dashboard.uid, {
        dashboard: { ...dashboard, id: 7, version },
        folderUid: String(body.folderUid),
        version,
      });
      send(200, { uid: dashboard.uid, status: 'success', version });
    } else if (path.includes('/rule-groups/')) {
      if (request.method === 'PUT') grafana.groups.set(path, body);
      const found = grafana.groups.get(path);
      send(found === undefined ? 404 : 200, found ?? {});
    } else send(404, { message: 'Not found' });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return grafana;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
}
