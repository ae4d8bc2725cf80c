import { IncidentTable } from '../../../functions/notify/incident-table.ts';
import type { NotifyDeps } from '../../../functions/notify/notify.ts';
import { webhooksIn } from '../../../functions/notify/settings.ts';
import { SignalTable } from '../../../functions/notify/signal-table.ts';
import { SlackWebhook } from '../../../functions/notify/slack-webhook.ts';
import { fixedWebhooks } from '../../../functions/notify/webhook-source.ts';
import { alarmCatalogue } from '../../../shared/alarms/alarm-catalogue.ts';
import type { Clock } from '../../../shared/clock.ts';
import { DimensionBounds } from '../../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import type { StateChange } from '../cloudwatch/alarm-message.ts';
import type { MetricValue } from '../cloudwatch/read-emf.ts';
import type { LocalClients } from '../pipeline/local-clients.ts';
import { type ActiveAlarm, ActiveAlarms } from './active-alarms.ts';
import { type Alerting, NOTIFY_DEAD_LETTERS, startAlerting } from './start-alerting.ts';

/** What a local run decides of its alerting. */
export interface AlertingChoices {
  /**
   * `SLACK_WEBHOOK_URL`, also per severity, `GRAFANA_URL` and `RUNBOOK_URL` are read here; without a webhook
   * alarms show in the terminal only.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hears every change of an alarm's state. */
  readonly onStateChange?: (change: StateChange) => void;
  /** What notify has to say; never a webhook. */
  readonly onNotifyLog?: NotifyDeps['log'];
}

/** What the alerting stands on. */
export interface LocalAlertingDeps {
  readonly clock: Clock;
  readonly clients: Pick<LocalClients, 'dynamodb' | 'timestreamQuery'>;
  readonly stateTable: string;
  readonly database: string;
  /** The watched symbols: their market alarms. */
  readonly symbols: readonly MarketSymbol[];
  /** Functions behind a topic. */
  readonly consumerNames: readonly string[];
}

/** The alarms of a local run: the catalogue of AWS, evaluated here, posted by the same notify. */
export interface LocalAlerting {
  /** Takes a line of metrics. */
  emit(line: string): void;
  /** Takes what AWS itself would measure. */
  put(value: MetricValue): void;
  /** What is on now, the loudest first. */
  active(): readonly ActiveAlarm[];
  /** The parts, for tests. */
  readonly parts: Alerting;
  close(): Promise<void>;
}

/** Starts the alerting. Fails with `WEBHOOK_SECRET` where a webhook is no address. */
export async function startLocalAlerting(
  choices: AlertingChoices,
  deps: LocalAlertingDeps,
): Promise<LocalAlerting> {
  const { environment } = choices;
  const webhooks = webhooksIn(environment);
  const alarms = new ActiveAlarms();
  const metrics = new MetricBatch(new DimensionBounds([]));
  const parts = await startAlerting({
    clock: deps.clock,
    alarms: alarmCatalogue(deps.symbols, {
      functionNames: [...deps.consumerNames, 'notify'],
      consumerNames: deps.consumerNames,
      notifyDeadLetterQueue: NOTIFY_DEAD_LETTERS,
    }),
    notify:
      Object.keys(webhooks).length === 0
        ? null
        : {
            incidents: new IncidentTable(deps.clients.dynamodb, deps.stateTable),
            slack: new SlackWebhook(),
            webhooks: fixedWebhooks(webhooks),
            signals: new SignalTable(deps.clients.timestreamQuery, deps.database),
            links: {
              grafanaUrl: environment.GRAFANA_URL || null,
              runbookUrl: environment.RUNBOOK_URL || null,
            },
            count: (metric, value) => {
              metrics.add(metric, value);
              for (const line of metrics.flush(deps.clock.nowUs() / 1000)) parts.cloudwatch.log(line);
            },
            log: choices.onNotifyLog ?? (() => {}),
          },
    onStateChange: (change) => {
      alarms.take(change);
      choices.onStateChange?.(change);
    },
  });
  return {
    emit: (line) => parts.cloudwatch.log(line),
    put: (value) => parts.cloudwatch.put(value),
    active: () => alarms.list(),
    parts,
    close: () => parts.close(),
  };
}
