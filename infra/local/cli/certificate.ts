import {
  CERTIFICATE_HELP,
  parseCertificate,
  printCertificate,
} from '../../operator/certificate/certificate-call.ts';
import { runCommand } from '../../operator/run-command.ts';
import { runCertificate } from '../certificate/run-certificate.ts';
import { latestDataFolder } from '../data-folder/running-instance.ts';
import { systemClock } from '../system-clock.ts';
import { settingsOrUsage } from './command-settings.ts';
import { processOutput } from './process-output.ts';
import { runOnDeployment } from './run-on-deployment.ts';

async function main(): Promise<number> {
  const call = parseCertificate(process.argv.slice(2));
  if (call === 'help') {
    processOutput.out(CERTIFICATE_HELP);
    return 0;
  }
  if (call.target.kind === 'deployment') return runOnDeployment(call.target, call.taskArguments);
  const settings = settingsOrUsage(process.env, { data: call.target.data });
  const dir = settings.dataDir ?? (await latestDataFolder('.data'));
  const { day } = call;
  const certificate = await runCertificate({
    dir,
    settings,
    environment: process.env,
    clock: systemClock,
    ...(day !== undefined && { day }),
  });
  return printCertificate(certificate, call, processOutput);
}

await runCommand(main);
