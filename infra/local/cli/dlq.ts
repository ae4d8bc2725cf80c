import { parseKafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { DLQ_HELP, parseDlq } from '../../operator/dlq/dlq-call.ts';
import { runDlq } from '../../operator/dlq/run-dlq.ts';
import { runCommand } from '../../operator/run-command.ts';
import { latestDataFolder, requireFolder } from '../data-folder/running-instance.ts';
import { type LettersOptions, openLetters, redriveLetters } from '../dlq/open-letters.ts';
import { systemClock } from '../system-clock.ts';
import { settingsOrUsage } from './command-settings.ts';
import { processOutput } from './process-output.ts';
import { runOnDeployment } from './run-on-deployment.ts';

const DATA_ROOT = '.data';

async function main(): Promise<number> {
  const call = parseDlq(process.argv.slice(2), Date.now());
  if (call === 'help') {
    processOutput.out(DLQ_HELP);
    return 0;
  }
  if (call.target.kind === 'deployment') return runOnDeployment(call.target, call.taskArguments);
  const options = await optionsOf(call.target.data);
  await runDlq(
    call,
    { open: () => openLetters(options), redrive: (filter) => redriveLetters(options, filter) },
    processOutput,
  );
  return 0;
}

async function optionsOf(data: string | undefined): Promise<LettersOptions> {
  const settings = settingsOrUsage(process.env, { data });
  const common = {
    environment: process.env,
    settings,
    clock: systemClock,
    symbols: process.env.SYMBOLS === undefined ? undefined : new Set(settings.symbols),
  };
  const given = settings.dataDir;
  if (given === null && parseKafkaSettings(process.env).kind !== 'none') return { ...common, dir: null };
  const dir = given ?? (await latestDataFolder(DATA_ROOT));
  if (given === null) processOutput.tell(`Reading ${dir}.`);
  await requireFolder(dir);
  return { ...common, dir };
}

await runCommand(main);
