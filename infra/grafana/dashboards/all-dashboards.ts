import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { marketOverview } from './market-overview.ts';
import { pipelineHealth } from './pipeline-health.ts';
import { riskMonitor } from './risk-monitor.ts';

/** Every dashboard, reading tables of the given Timestream database. */
export function allDashboards(database: string): readonly Dashboard[] {
  return [marketOverview(database), riskMonitor(database), pipelineHealth(database)];
}
