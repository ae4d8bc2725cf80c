import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StateTable } from '../../../functions/adapters/dynamodb/state-table.ts';
import { LOG_RETENTION_DAYS } from '../../../functions/aggregate/aggregate-options.ts';
import type { Certificate } from '../../../shared/certificate/certificate.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log/log.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { collectCertificate } from '../../operator/certificate/collect-certificate.ts';
import { feedOfFolder } from '../data-folder/feed-claim.ts';
import { requireFolder, runningInstance } from '../data-folder/running-instance.ts';
import { startDynamoDB } from '../dynamodb/start-dynamodb.ts';
import { openEmbeddedLogReadOnly } from '../log/embedded-log.ts';
import { localClients } from '../pipeline/local-clients.ts';
import { openLog } from '../pipeline/open-log.ts';
import { STATE_TABLE } from '../pipeline/start-pipeline.ts';
import { accepts, storeEndpoint } from '../query/store-endpoint.ts';

/** The file of the newest certificate in a data folder. */
export const CERTIFICATE_FILE = 'certificate.json';

/** What a certificate of a data folder is made with. */
export interface RunCertificateOptions {
  readonly dir: string;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly day?: string;
}

/**
 * Works out the certificate of a data folder and keeps it there. Beside a process that runs on the folder, the state
 * cannot be read and the store may be a moment behind the log.
 */
export async function runCertificate(options: RunCertificateOptions): Promise<Certificate> {
  const { dir, settings, environment, clock } = options;
  await requireFolder(dir);
  const feed = await feedOfFolder(dir);
  const instance = await runningInstance(dir);
  const isRunning = instance !== undefined && (await accepts(instance.timestreamEndpoint));
  const store = await storeEndpoint(dir);
  const dynamodb =
    settings.awsEndpointUrl === null && !isRunning && existsSync(join(dir, 'state'))
      ? await startDynamoDB(join(dir, 'state'))
      : undefined;
  const stateEndpoint = settings.awsEndpointUrl ?? dynamodb?.endpoint;
  const clients = localClients({
    dynamodb: stateEndpoint ?? store.endpoint,
    timestreamWrite: store.endpoint,
    timestreamQuery: settings.awsEndpointUrlTimestreamQuery ?? store.endpoint,
  });
  let log: Log | undefined;
  try {
    log =
      settings.kafka === null
        ? openEmbeddedLogReadOnly({ dir: join(dir, 'log') })
        : await openLog(environment, dir, clock);
    const nowMs = (): number => clock.nowUs() / 1_000;
    const retentionMs = LOG_RETENTION_DAYS * 86_400_000;
    const certificate = await collectCertificate({
      reader: await log.reader(),
      query: clients.timestreamQuery,
      state:
        stateEndpoint === undefined
          ? null
          : new StateTable(clients.dynamodb, { table: STATE_TABLE, nowMs, retentionMs }),
      settings,
      feed: feed === undefined ? dir : `${feed.kind} (${feed.description})`,
      nowMs: nowMs(),
      ...(options.day !== undefined && { day: options.day }),
    });
    await keepCertificate(dir, certificate);
    return certificate;
  } finally {
    await log?.close();
    clients.destroy();
    await store.close();
    await dynamodb?.close();
  }
}

/** Writes a certificate into the data folder. */
export async function keepCertificate(dir: string, certificate: Certificate): Promise<void> {
  await writeFile(join(dir, CERTIFICATE_FILE), `${JSON.stringify(certificate, null, 2)}\n`);
}
