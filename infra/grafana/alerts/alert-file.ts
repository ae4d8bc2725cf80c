import type { Rule } from '@grafana/grafana-foundation-sdk/alerting';
import { EVERY_SECONDS, GROUP } from './alert-rules.ts';

/**
 * The rules as Grafana's file provisioning reads them: a folder by its title, an interval with a unit, and no
 * fields that only the HTTP API knows.
 * Source: https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
 */
export function alertFile(rules: readonly Rule[], folder: string): unknown {
  return {
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: GROUP,
        folder,
        interval: `${EVERY_SECONDS}s`,
        rules: rules.map(({ folderUID: _folder, ruleGroup: _group, orgID: _org, ...rule }) => rule),
      },
    ],
  };
}
