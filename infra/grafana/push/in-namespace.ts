import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRIC_NAMESPACE } from '../../../shared/metrics/metric-catalogue.ts';

/** A dashboard whose queries of the monitor's own metrics ask another CloudWatch namespace. */
export function inNamespace(dashboard: Dashboard, namespace: string): Dashboard {
  const replaced = (key: string, value: unknown): unknown =>
    key === 'namespace' && value === METRIC_NAMESPACE ? namespace : value;
  return JSON.parse(JSON.stringify(dashboard, replaced));
}
