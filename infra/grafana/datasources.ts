/** A datasource that the dashboards use, by a variable, so that they work in any Grafana. */
export interface Datasource {
  /** The plugin's id. */
  readonly type: string;
  /** The uid that the provisioning file gives; alert rules name it, a push replaces it by the one it finds. */
  readonly uid: string;
  /** The dashboard's variable. */
  readonly variable: string;
  /** What panels name as uid. */
  readonly reference: string;
  readonly label: string;
}

export const TIMESTREAM: Datasource = datasource('grafana-timestream-datasource', 'timestream', 'Timestream');
export const CLOUDWATCH: Datasource = datasource('cloudwatch', 'cloudwatch', 'CloudWatch');

function datasource(type: string, name: string, label: string): Datasource {
  return { type, uid: name, variable: name, reference: `\${${name}}`, label };
}
