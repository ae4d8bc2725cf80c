import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IncidentTable } from '../../../functions/notify/incident-table.ts';
import { changeMutes, readMute } from '../../../functions/notify/mute-command.ts';
import { CodedError } from '../../../shared/coded-error.ts';

const USAGE = `Usage: mute [--symbol BTCUSDT] [--kind whale] --for 2h [--note "why"]
       mute --list
       mute --clear`;

/** The command line that mutes market alarms for a while; docs/notify.md. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      symbol: { type: 'string' },
      kind: { type: 'string' },
      for: { type: 'string' },
      note: { type: 'string' },
      list: { type: 'boolean' },
      clear: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const nowMs = Date.now();
  const client = new DynamoDBClient({});
  const store = new IncidentTable(client, process.env.STATE_TABLE ?? 'market-state');
  if (values.clear) await store.saveMutes([]);
  const mutes = await changeMutes(store, values.list || values.clear ? null : readMute(values, nowMs), nowMs);
  if (mutes.length === 0) console.log('Nothing is muted.');
  for (const mute of mutes) {
    const what = `${mute.kind ?? 'every kind'} of ${mute.symbol ?? 'every symbol'}`;
    console.log(`${what} until ${new Date(mute.untilMs).toISOString()} ${mute.note}`);
  }
  client.destroy();
}

main().catch((error: unknown) => {
  console.error(error instanceof CodedError ? `${error.message}\n${USAGE}` : error);
  process.exitCode = 1;
});
