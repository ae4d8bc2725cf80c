import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { generatedFiles } from '../../../infra/grafana/generated-files.ts';
import { DASHBOARD_UIDS } from '../../../shared/dashboards.ts';
import { METRIC_NAMESPACE, METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import { asJson, DASHBOARDS, generated, listOf, panelsOf } from './queries.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'infra', 'grafana', 'generated');
const PANEL_TYPES = ['stat', 'table', 'candlestick', 'timeseries', 'status-history'];
const UNITS = ['none', 'short', 'ms', 'percent', 'decbytes'];
const DATASOURCES = ['grafana-timestream-datasource', 'cloudwatch'];

describe('the generated files', () => {
  it('are what the code makes: run `npm run grafana:build` where they are not', () => {
    const files = generatedFiles();
    const paths = globSync('**/*.json', { cwd: folder }).map((path) => path.replaceAll('\\', '/'));
    assert.deepEqual(paths.sort(), [...files.keys()].sort());
    for (const [path, text] of files) assert.equal(readFileSync(join(folder, path), 'utf8'), text, path);
  });

  it('have the ids that alerts and links lead to', () => {
    assert.deepEqual(
      DASHBOARDS.map((name) => generated(`dashboards/${name}.json`).uid),
      Object.values(DASHBOARD_UIDS),
    );
  });

  it('name no table, column or metric that the code does not know', () => {
    const metrics = Object.values(METRICS);
    for (const name of DASHBOARDS) {
      for (const panel of panelsOf(name)) {
        for (const target of listOf(panel.targets)) {
          if (asJson(target.datasource).type !== 'cloudwatch' || target.namespace !== METRIC_NAMESPACE)
            continue;
          const metric = metrics.find((known) => known.name === target.metricName);
          const by = Object.keys(asJson(target.dimensions));
          assert.ok(
            metric?.dimensionSets.some((set) => set.join() === by.join()),
            `${target.metricName} by ${by}`,
          );
        }
      }
    }
  });
});

for (const name of DASHBOARDS) {
  describe(`the dashboard ${name}`, () => {
    const dashboard = generated(`dashboards/${name}.json`);
    const panels = listOf(dashboard.panels);

    it('is a classic dashboard that refreshes every 10 s, with variables, links and annotations', () => {
      assert.equal(dashboard.schemaVersion, 42);
      assert.equal(dashboard.refresh, '10s');
      assert.equal(dashboard.id, undefined);
      const variables = listOf(asJson(dashboard.templating).list);
      const symbol = variables.find((variable) => variable.name === 'symbol');
      assert.deepEqual([symbol?.multi, symbol?.includeAll, symbol?.refresh], [true, true, 2]);
      const [link] = listOf(dashboard.links);
      assert.deepEqual(
        [link?.type, link?.tags, link?.includeVars, link?.keepTime],
        ['dashboards', dashboard.tags, true, true],
      );
      assert.equal(listOf(asJson(dashboard.annotations).list).length, 1);
    });

    it('has panels of known kinds, each with an id, a title, an explanation, and words for no data', () => {
      const ids = panels.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const panel of panelsOf(name)) {
        const place = `${name} ${panel.id}`;
        assert.ok(PANEL_TYPES.includes(String(panel.type)), `${place}: ${panel.type}`);
        assert.ok(String(panel.title).length > 3, place);
        assert.ok(String(panel.description).length > 30, place);
        const defaults = asJson(asJson(panel.fieldConfig).defaults);
        assert.ok(String(defaults.noValue).length > 20, place);
        if (defaults.unit !== undefined)
          assert.ok(UNITS.includes(String(defaults.unit)), `${place}: ${defaults.unit}`);
        const froms = listOf(asJson(defaults.thresholds).steps).map(({ value }) => value);
        assert.equal(froms[0], null, place);
        assert.deepEqual(
          froms.slice(1),
          froms.slice(1).toSorted((a, b) => Number(a) - Number(b)),
          place,
        );
      }
    });

    it('asks datasources by its variables, each query under a name of its own', () => {
      const variables = listOf(asJson(dashboard.templating).list).map((variable) => `\${${variable.name}}`);
      for (const panel of panelsOf(name)) {
        const targets = listOf(panel.targets);
        assert.ok(targets.length > 0, `${name} ${panel.id}`);
        const refIds = targets.map(({ refId }) => refId);
        assert.equal(new Set(refIds).size, refIds.length, `${name} ${panel.id}`);
        for (const target of targets) {
          const { type, uid } = asJson(target.datasource);
          assert.ok(DATASOURCES.includes(String(type)));
          assert.ok(variables.includes(String(uid)), `${uid} of ${name} ${panel.id}`);
          if (type === 'cloudwatch') continue;
          // The plugin wants the number, and the wrong one draws nothing.
          assert.ok(target.format === 0 || target.format === 1);
          assert.match(String(target.database), /^"\w+"$/);
          assert.match(String(target.rawQuery), /\$__timeFilter/);
        }
      }
    });

    it('lays its panels side by side on 24 columns, none over another', () => {
      const taken = new Map<string, unknown>();
      for (const panel of panels) {
        const { x, y, w, h } = asJson(panel.gridPos);
        assert.ok(Number(x) + Number(w) <= 24, `${name} ${panel.id}`);
        for (let row = Number(y); row < Number(y) + Number(h); row += 1) {
          for (let column = Number(x); column < Number(x) + Number(w); column += 1) {
            const cell = `${column},${row}`;
            assert.equal(taken.get(cell), undefined, `${name} ${panel.id} lies over ${taken.get(cell)}`);
            taken.set(cell, panel.id);
          }
        }
      }
    });
  });
}

describe('the alert rules', () => {
  const [group] = listOf(generated('alerting/rules.json').groups);
  const rules = listOf(group?.rules);

  it('reduce a series of each symbol and hold it against a threshold', () => {
    assert.deepEqual(
      rules.map(({ uid }) => uid),
      ['cmm-volatility', 'cmm-spread', 'cmm-freshness'],
    );
    for (const rule of rules) {
      const data = listOf(rule.data);
      assert.deepEqual(
        data.map(({ refId }) => refId),
        ['A', 'B', 'C'],
      );
      assert.equal(rule.condition, 'C');
      const [query, reduce, threshold] = data.map(({ model }) => asJson(model));
      assert.equal(query?.waitForResult, true);
      assert.match(String(query?.rawQuery), /CREATE_TIME_SERIES/);
      assert.deepEqual([reduce?.type, reduce?.reducer, reduce?.expression], ['reduce', 'last', 'A']);
      assert.deepEqual([threshold?.type, threshold?.expression], ['threshold', 'B']);
    }
  });

  it('lead to a panel that is there, and to a runbook that is there', () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    for (const rule of rules) {
      const { __dashboardUid__: uid, __panelId__: id, runbook } = asJson(rule.annotations);
      assert.ok(
        panelsOf(String(uid)).some((panel) => String(panel.id) === id),
        String(rule.uid),
      );
      assert.ok(readFileSync(join(root, String(runbook)), 'utf8').length > 0);
    }
  });
});
