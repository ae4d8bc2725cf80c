import { topicSpecs } from '../../shared/log/topics.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { settingsHelp } from '../../shared/settings/describe-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { askMsk } from '../adapters/kafka/ask-msk.ts';
import { openKafkaLog } from '../adapters/kafka/open-kafka-log.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { describeReport } from './describe-report.ts';
import { startLiveIngest } from './live-ingest.ts';
import { WsStreamSource } from './ws-stream-source.ts';

/** The Fargate task: settings, Kafka, sockets, and a clean end on SIGTERM. Exits 0 when drained, 1 on a fault. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`Ingest reads its settings from the environment:\n\n${settingsHelp()}\n`);
    return;
  }
  const settings = readDeployableSettings('ingest', process.env);
  if (settings.kafka === null)
    throw new Error('Ingest on its own needs a log: set KAFKA_BOOTSTRAP_SERVERS or MSK_CLUSTER_ARN.');

  const log = await openKafkaLog(settings.kafka, { clock: wallClock, askMsk });
  for (const difference of await log.ensureTopics(topicSpecs(topicNames(settings))))
    say({ level: 'warn', message: difference });
  const proxySet = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].some((name) => process.env[name]);
  const live = await startLiveIngest(settings, {
    log,
    clock: wallClock,
    random: Math.random,
    source: new WsStreamSource({ clock: wallClock, proxySet }),
    fetch,
    report: (report) => say({ ...describeReport(report) }),
    emitMetrics: (line) => process.stdout.write(`${line}\n`),
  });
  say({ level: 'info', message: `Missing trades are repaired ${live.repairMode()}.` });

  await new Promise<void>((resolve, reject) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    live.ingest.done.catch(reject);
  });
  await live.stop();
  await log.close();
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say({ level: 'error', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  },
);
