/** The ids of the Grafana dashboards: links in alerts and between dashboards lead to them, so they never change. */
export const DASHBOARD_UIDS = { market: 'market', risk: 'risk', pipeline: 'pipeline' } as const;

export type DashboardUid = (typeof DASHBOARD_UIDS)[keyof typeof DASHBOARD_UIDS];
