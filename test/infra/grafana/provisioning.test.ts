import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CLOUDWATCH, TIMESTREAM } from '../../../infra/grafana/datasources.ts';
import { FOLDER } from '../../../infra/grafana/generated-files.ts';
import { asJson, generated, listOf } from './queries.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const compose = read('compose.yaml');
const mounts = [...compose.matchAll(/^ {6}- (\.\/infra\/grafana\/[\w/]+):([\w/-]+):ro$/gm)].map(
  ([, from = '', to = '']) => ({ from, to }),
);

describe('the provisioning files', () => {
  it('are mounted where Grafana reads them', () => {
    assert.deepEqual(
      mounts.map(({ to }) => to),
      [
        '/etc/grafana/provisioning/datasources',
        '/etc/grafana/provisioning/dashboards',
        '/etc/grafana/provisioning/alerting',
        '/var/lib/grafana-dashboards',
      ],
    );
    for (const { from } of mounts) assert.ok(existsSync(join(root, from)), from);
    const home = /GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: \/var\/lib\/grafana-dashboards\/(\S+)/.exec(
      compose,
    )?.[1];
    assert.ok(existsSync(join(root, 'infra/grafana/generated/dashboards', String(home))));
  });

  it('give the datasources the kinds and ids that dashboards and rules name', () => {
    const text = read('infra/grafana/provisioning/datasources/datasources.yaml');
    for (const { type, uid } of [TIMESTREAM, CLOUDWATCH]) {
      assert.match(text, new RegExp(`^ {4}uid: ${uid}\\n {4}type: ${type}$`, 'm'));
    }
    const rules = listOf(listOf(generated('alerting/rules.json').groups)[0]?.rules);
    for (const rule of rules) assert.equal(listOf(rule.data)[0]?.datasourceUid, TIMESTREAM.uid);
    assert.match(text, /defaultDatabase: '"market"'/);
    assert.match(text, /endpoint: \$TIMESTREAM_ENDPOINT/);
    assert.match(compose, /^ {6}TIMESTREAM_ENDPOINT: /m);
    assert.match(compose, new RegExp(`GF_PLUGINS_PREINSTALL: ${TIMESTREAM.type}@\\d+\\.\\d+\\.\\d+`));
  });

  it('put dashboards and rules into one folder', () => {
    const provider = read('infra/grafana/provisioning/dashboards/dashboards.yaml');
    assert.match(provider, new RegExp(`^ {4}folder: ${FOLDER.title}$`, 'm'));
    assert.match(provider, /path: \/var\/lib\/grafana-dashboards$/m);
    assert.equal(asJson(listOf(generated('alerting/rules.json').groups)[0]).folder, FOLDER.title);
  });
});
