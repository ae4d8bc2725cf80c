import { CodedError } from '../../shared/coded-error.ts';
import { METRIC_NAMESPACE } from '../../shared/metrics/metric-catalogue.ts';
import type { Webhooks } from './ports.ts';
import type { LinkSettings } from './render.ts';

/** What notify reads from its environment, once. */
export interface NotifySettings {
  /** Webhooks, or the secret that holds them. */
  readonly slack: { readonly webhooks: Webhooks } | { readonly secretArn: string };
  readonly stateTable: string;
  readonly queueUrl: string;
  readonly database: string;
  /** Empty on AWS; an emulator's endpoint must be given to the client, see `open-row-writer.ts`. */
  readonly queryEndpoint: { readonly endpoint?: string };
  readonly links: LinkSettings;
  /** What the names of the deployment's alarms begin with; empty elsewhere. */
  readonly alarmPrefix: string;
  readonly metricNamespace: string;
}

/** Fails with `SETTING_MISSING`, naming what to set. */
export function readNotifySettings(env: Readonly<Record<string, string | undefined>>): NotifySettings {
  const secretArn = env.SLACK_WEBHOOK_SECRET_ARN;
  const webhooks = webhooksIn(env);
  if (!secretArn && Object.keys(webhooks).length === 0) {
    throw new CodedError('SETTING_MISSING', 'Set SLACK_WEBHOOK_URL or SLACK_WEBHOOK_SECRET_ARN.');
  }
  return Object.freeze({
    slack: secretArn ? { secretArn } : { webhooks },
    stateTable: required(env, 'STATE_TABLE'),
    queueUrl: required(env, 'NOTIFY_QUEUE_URL'),
    queryEndpoint: env.AWS_ENDPOINT_URL_TIMESTREAM_QUERY
      ? { endpoint: env.AWS_ENDPOINT_URL_TIMESTREAM_QUERY }
      : {},
    database: env.TIMESTREAM_DATABASE || 'market',
    alarmPrefix: env.ALARM_PREFIX ?? '',
    metricNamespace: env.METRIC_NAMESPACE || METRIC_NAMESPACE,
    links: { grafanaUrl: env.GRAFANA_URL || null, runbookUrl: env.RUNBOOK_URL || null },
  });
}

/** The webhooks that the environment names; empty where there is none. */
export function webhooksIn(env: Readonly<Record<string, string | undefined>>): Webhooks {
  const found = {
    default: env.SLACK_WEBHOOK_URL,
    info: env.SLACK_WEBHOOK_URL_INFO,
    warning: env.SLACK_WEBHOOK_URL_WARNING,
    critical: env.SLACK_WEBHOOK_URL_CRITICAL,
  };
  return Object.fromEntries(Object.entries(found).filter(([, url]) => url));
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (!value) throw new CodedError('SETTING_MISSING', `Set ${name}.`);
  return value;
}
