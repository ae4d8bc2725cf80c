import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../../shared/dashboards.ts';
import { completenessPanels, proofPanels } from './health/completeness-panels.ts';
import { flowPanels } from './health/flow-panels.ts';
import { healthQuery } from './health/health-panels.ts';
import { refusedPanels } from './health/refused-panels.ts';
import { summaryPanels } from './health/summary-panels.ts';
import { shell } from './shell.ts';

const ROWS = [
  { id: 20, title: 'Throughput and latency', panels: flowPanels },
  { id: 30, title: 'Completeness', panels: completenessPanels },
  { id: 40, title: 'Proof', panels: proofPanels },
  { id: 50, title: 'What could not be used', panels: refusedPanels },
] as const;

/** The pipeline seen from two sides: what arrived in the store, and what the functions say of themselves. */
export function pipelineHealth(database: string): Dashboard {
  const query = healthQuery(database);
  const dashboard = shell({
    uid: DASHBOARD_UIDS.pipeline,
    title: 'Pipeline health',
    description:
      'Throughput, latency, completeness and proof: on the left what the store holds, on the right what the functions report to CloudWatch.',
    database,
    cloudwatch: true,
  });
  for (const panel of summaryPanels(query)) dashboard.withPanel(panel);
  for (const { id, title, panels } of ROWS) {
    dashboard.withRow(new RowBuilder(title).id(id));
    for (const panel of panels(query)) dashboard.withPanel(panel);
  }
  return dashboard.build();
}
