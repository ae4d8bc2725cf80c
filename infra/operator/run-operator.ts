import type { Clock } from '../../shared/clock.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { type Settings, topicNames } from '../../shared/settings/settings.ts';
import { CERTIFICATE_HELP, parseCertificate, printCertificate } from './certificate/certificate-call.ts';
import { collectCertificate } from './certificate/collect-certificate.ts';
import { settledRange } from './certificate/settled-range.ts';
import { EXIT, reportFailure, usageError } from './cli-failure.ts';
import type { CommandOutput } from './command-output.ts';
import { deploymentLetters } from './dlq/deployment-letters.ts';
import { DLQ_HELP, parseDlq } from './dlq/dlq-call.ts';
import { runDlq } from './dlq/run-dlq.ts';
import { type OpenDeployment, openDeployment } from './open-deployment.ts';
import { parseRebuild, REBUILD_HELP } from './rebuild/rebuild-call.ts';
import { rebuildCandles } from './rebuild/rebuild-candles.ts';
import { rebuildLine } from './rebuild/rebuild-line.ts';

/** What the operator's commands stand on. */
export interface OperatorDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly output: CommandOutput;
}

const HELP = `The operator's commands of this deployment: dlq, rebuild, certificate. Each takes --help.
They are started by npm run dlq|rebuild|certificate -- … --aws.
`;

/** Runs `dlq`, `rebuild` or `certificate` on the deployment that the environment names. Gives the exit code. */
export async function runOperator(args: readonly string[], deps: OperatorDeps): Promise<number> {
  try {
    return await run(args, deps);
  } catch (error) {
    return reportFailure(error, deps.output.tell);
  }
}

async function run([command, ...args]: readonly string[], deps: OperatorDeps): Promise<number> {
  const { output, clock } = deps;
  const help = (text: string): number => {
    output.out(text);
    return EXIT.ok;
  };
  switch (command) {
    case 'dlq': {
      const call = parseDlq(args, clock.nowUs() / 1_000);
      if (call === 'help') return help(DLQ_HELP);
      return onDeployment(deps, async (deployment, settings) => {
        await runDlq(call, deploymentLetters(deployment, settings, clock), output);
        return EXIT.ok;
      });
    }
    case 'rebuild': {
      const call = parseRebuild(args);
      if (call === 'help') return help(REBUILD_HELP);
      return onDeployment(deps, async (deployment, settings) => {
        const reader = await deployment.log.reader();
        output.out(rebuildLine(await rebuildCandles(call.range, { ...deployment, reader, settings, clock })));
        return EXIT.ok;
      });
    }
    case 'certificate': {
      const call = parseCertificate(args);
      if (call === 'help') return help(CERTIFICATE_HELP);
      const { day } = call;
      return onDeployment(deps, async ({ log, state, timestreamQuery: query }, settings) => {
        const reader = await log.reader();
        const nowMs = clock.nowUs() / 1_000;
        const { rawTrades: rawTradesTopic } = topicNames(settings);
        const range = await settledRange({
          reader,
          rawTradesTopic,
          nowMs,
          ...(day !== undefined && { day }),
        });
        output.tell(`Reading ${rawTradesTopic} of ${iso(range.fromUs)} to ${iso(range.toUs)}.`);
        const feed = settings.mskClusterArn ?? settings.kafkaBootstrapServers ?? '';
        const certificate = await collectCertificate({
          reader,
          query,
          state,
          settings,
          feed,
          nowMs,
          running: { range, clock },
          ...(day !== undefined && { day }),
        });
        return printCertificate(certificate, call, output);
      });
    }
    case '--help':
      return help(HELP);
    default:
      throw usageError('Say dlq, rebuild or certificate. See --help.');
  }
}

async function onDeployment(
  { environment, clock }: OperatorDeps,
  work: (deployment: OpenDeployment, settings: Settings) => Promise<number>,
): Promise<number> {
  const settings = readDeployableSettings('operator', environment);
  const deployment = await openDeployment(settings, clock);
  try {
    return await work(deployment, settings);
  } finally {
    await deployment.close();
  }
}

function iso(us: number): string {
  return new Date(us / 1_000).toISOString();
}
