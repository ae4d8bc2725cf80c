import { usageError } from '../operator/cli-failure.ts';
import { readFlags } from '../operator/read-flags.ts';
import { runCommand } from '../operator/run-command.ts';
import { GrafanaApi } from './push/grafana-api.ts';
import { pushDashboards } from './push/push-dashboards.ts';

const HELP = `Puts the dashboards and alert rules into a Grafana: Amazon Managed Grafana or any other from 10.4 on.

  npm run grafana:push -- --url U --token T [--folder F] [--datasource D] [--database DB]
                          [--namespace N] [--no-alerts]

  --url U          the workspace's address, such as https://g-1234567890.grafana-workspace.eu-central-1.amazonaws.com
  --token T        a token of a service account with the role Admin; or the environment's GRAFANA_TOKEN
  --folder F       title of the folder, made where there is none (default "Crypto Market Monitor")
  --datasource D   name or uid of the Timestream datasource, where there are several
  --database DB    the Timestream database (default market)
  --namespace N    the CloudWatch namespace of the metrics (default MarketMonitor)
  --no-alerts      dashboards only
  --help           this text

It can be run as often as you like: what is there is updated under the same id, what is equal is left alone.
`;

async function main(): Promise<void> {
  const values = flags(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const { url } = values;
  const token = values.token ?? process.env.GRAFANA_TOKEN;
  if (url === undefined || !/^https?:\/\/\S+$/.test(url)) {
    throw usageError('--url must be the address of a Grafana, with http:// or https://. See --help.');
  }
  if (token === undefined || token === '') {
    throw usageError('--token, or GRAFANA_TOKEN in the environment, is missing. See --help.');
  }
  const pushed = await pushDashboards(new GrafanaApi(url, token, { fetch }), {
    ...(values.folder !== undefined && { folder: values.folder }),
    ...(values.datasource !== undefined && { datasource: values.datasource }),
    ...(values.database !== undefined && { database: values.database }),
    ...(values.namespace !== undefined && { namespace: values.namespace }),
    alerts: values['no-alerts'] !== true,
  });
  for (const { what, outcome, path } of pushed) {
    process.stdout.write(`${outcome.padEnd(9)} ${what}  ${url.replace(/\/+$/, '')}${path}\n`);
  }
}

function flags(args: readonly string[]) {
  return readFlags({
    args: [...args],
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      folder: { type: 'string' },
      datasource: { type: 'string' },
      database: { type: 'string' },
      namespace: { type: 'string' },
      'no-alerts': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }).values;
}

await runCommand(main);
