import { parseRebuild, REBUILD_HELP } from '../../operator/rebuild/rebuild-call.ts';
import { rebuildLine } from '../../operator/rebuild/rebuild-line.ts';
import { runCommand } from '../../operator/run-command.ts';
import { latestDataFolder } from '../data-folder/running-instance.ts';
import { runRebuild } from '../rebuild/run-rebuild.ts';
import { systemClock } from '../system-clock.ts';
import { settingsOrUsage } from './command-settings.ts';
import { processOutput } from './process-output.ts';
import { runOnDeployment } from './run-on-deployment.ts';

async function main(): Promise<number> {
  const call = parseRebuild(process.argv.slice(2));
  if (call === 'help') {
    processOutput.out(REBUILD_HELP);
    return 0;
  }
  if (call.target.kind === 'deployment') return runOnDeployment(call.target, call.taskArguments);
  const settings = settingsOrUsage(process.env, { data: call.target.data });
  const dir = settings.dataDir ?? (await latestDataFolder('.data'));
  const { range, files } = call;
  const report = await runRebuild({
    range,
    dir,
    ...(files !== undefined && { files }),
    onWarning: processOutput.tell,
    settings,
    environment: process.env,
    clock: systemClock,
  });
  processOutput.out(rebuildLine(report));
  return 0;
}

await runCommand(main);
