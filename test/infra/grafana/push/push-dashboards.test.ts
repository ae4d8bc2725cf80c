import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { GrafanaApi } from '../../../../infra/grafana/push/grafana-api.ts';
import { pushDashboards } from '../../../../infra/grafana/push/push-dashboards.ts';
import { asJson, listOf } from '../queries.ts';
import { type FakeGrafana, startFakeGrafana, TOKEN } from './fake-grafana.ts';

async function listening(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('a push', () => {
  let grafana: FakeGrafana;
  const api = (token = TOKEN) => new GrafanaApi(grafana.url, token, { fetch });
  beforeEach(async () => {
    grafana = await startFakeGrafana();
  });
  afterEach(() => grafana.close());

  it('makes the folder, the dashboards and the rules, which read the datasource that is there', async () => {
    const pushed = await pushDashboards(api());
    assert.deepEqual(
      pushed.map(({ outcome, path }) => [outcome, path]),
      [
        ['created', '/d/market'],
        ['created', '/d/risk'],
        ['created', '/d/pipeline'],
        ['created', '/alerting/list'],
      ],
    );
    assert.deepEqual(grafana.folders, [{ uid: 'crypto-market-monitor', title: 'Crypto Market Monitor' }]);
    for (const { folderUid } of grafana.dashboards.values()) assert.equal(folderUid, 'crypto-market-monitor');
    const group = [...grafana.groups.values()][0] ?? {};
    const rules = listOf(group.rules);
    assert.equal(group.interval, 60);
    assert.deepEqual(
      rules.map(({ uid, folderUID }) => [uid, folderUID]),
      ['cmm-volatility', 'cmm-spread', 'cmm-freshness'].map((uid) => [uid, 'crypto-market-monitor']),
    );
    for (const rule of rules) {
      const query = asJson(listOf(rule.data)[0]);
      assert.equal(query.datasourceUid, 'ts-1');
      assert.deepEqual(asJson(query.model).datasource, {
        type: 'grafana-timestream-datasource',
        uid: 'ts-1',
      });
    }
  });

  it('changes nothing the second time, and never doubles', async () => {
    await pushDashboards(api());
    const second = await pushDashboards(api());
    assert.deepEqual(
      second.map(({ outcome }) => outcome),
      ['unchanged', 'unchanged', 'unchanged', 'updated'],
    );
    assert.equal(grafana.folders.length, 1);
    assert.deepEqual(
      [...grafana.dashboards.values()].map(({ version }) => version),
      [1, 1, 1],
    );
    assert.equal(grafana.groups.size, 1);
  });

  it('updates what a person or an older push left under the same id', async () => {
    grafana.dashboards.set('market', {
      dashboard: { uid: 'market', title: 'Market overview', panels: [], id: 3, version: 5 },
      folderUid: '',
      version: 5,
    });
    const [market] = await pushDashboards(api(), { alerts: false });
    assert.equal(market?.outcome, 'updated');
    assert.equal(grafana.dashboards.get('market')?.version, 6);
    assert.equal(grafana.groups.size, 0);
  });

  it('takes a folder by its title, and reads another database and namespace', async () => {
    grafana.folders.push({ uid: 'abc', title: 'Desk & risk' });
    await pushDashboards(api(), {
      folder: 'Desk & risk',
      database: 'other',
      namespace: 'MarketMonitor/desk',
    });
    assert.deepEqual(grafana.folders.length, 1);
    assert.equal(grafana.dashboards.get('risk')?.folderUid, 'abc');
    const text = JSON.stringify([...grafana.dashboards.values(), ...grafana.groups.values()]);
    assert.ok(text.includes('\\"other\\"'));
    assert.ok(!text.includes('\\"market\\"'));
    assert.ok(text.includes('"namespace":"MarketMonitor/desk"'));
    assert.ok(!text.includes('"namespace":"MarketMonitor"'));
    assert.ok(text.includes('"namespace":"AWS/Lambda"'));
    await pushDashboards(api(), { folder: 'Neu & alt' });
    assert.deepEqual(grafana.folders[1], { uid: 'neu-alt', title: 'Neu & alt' });
  });

  it('says what is wrong with address, token and rights', async () => {
    const fails = (url: string, token: string, code: string, message: RegExp) =>
      assert.rejects(pushDashboards(new GrafanaApi(url, token, { fetch })), { code, message });
    await fails(grafana.url, 'wrong', 'GRAFANA_TOKEN_REFUSED', /--token/);
    await fails(grafana.url, 'viewer', 'GRAFANA_FORBIDDEN', /role Admin/);
    const page = await listening((_, response) => response.end('<html>hello</html>'));
    await fails(page.url, TOKEN, 'GRAFANA_NOT_GRAFANA', /not Grafana’s API.*--url/);
    await page.close();
    await fails(page.url, TOKEN, 'GRAFANA_UNREACHABLE', /ECONNREFUSED.*--url/);
    const service = await listening((_, response) => response.writeHead(404).end('{"message":"no"}'));
    await fails(service.url, TOKEN, 'GRAFANA_NOT_GRAFANA', /--url/);
    await service.close();
  });

  it('says what is missing, before it writes anything', async () => {
    grafana.hasPlugin = false;
    await assert.rejects(pushDashboards(api()), {
      code: 'GRAFANA_PLUGIN_MISSING',
      message: /grafana cli plugins install grafana-timestream-datasource/,
    });
    grafana.hasPlugin = true;
    const [first] = grafana.datasources;
    grafana.datasources = [];
    await assert.rejects(pushDashboards(api()), { code: 'GRAFANA_NO_DATASOURCE' });
    grafana.datasources = [{ ...first }, { ...first, uid: 'ts-2', name: 'Other' }];
    await assert.rejects(pushDashboards(api()), {
      code: 'GRAFANA_DATASOURCE_UNCLEAR',
      message: /--datasource/,
    });
    await assert.rejects(pushDashboards(api(), { datasource: 'none' }), { code: 'GRAFANA_NO_DATASOURCE' });
    assert.equal(grafana.calls.filter((call) => !call.startsWith('GET')).length, 0);
    await pushDashboards(api(), { datasource: 'Other' });
    const rule = asJson(listOf([...grafana.groups.values()][0]?.rules)[0]);
    assert.equal(listOf(rule.data)[0]?.datasourceUid, 'ts-2');
  });
});
