import { ListDatabasesCommand, type TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { accessFault, NO_REGION } from './account/access-fault.ts';
import { errorChain, systemCode } from './account/error-chain.ts';
import type { LambdaConcurrency } from './account/lambda-concurrency.ts';
import { monthlyCost, totalUsd } from './cost/monthly-cost.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, fault, notice } from './finding.ts';
import { RESERVING_FUNCTIONS } from './sizes.ts';

/** What preflight asks. */
export interface PreflightDeps {
  readonly region: string | undefined;
  readonly timestream: Pick<TimestreamWriteClient, 'send'>;
  /** The account's concurrency in a region. */
  readonly lambdaConcurrency: () => Promise<LambdaConcurrency>;
  /** Whether something can build the image here. */
  readonly canBuildImages: () => Promise<boolean>;
}

/** Regions that the default hosts of the exchange are known to refuse, or likely to, with HTTP 451. */
const REFUSED_REGIONS = /^us-|^ca-/;

/** Finds out, before anything is made, what would stop a deployment in the middle. */
export async function preflight(deployment: Deployment, deps: PreflightDeps): Promise<readonly Finding[]> {
  const { region } = deps;
  if (region === undefined || region === '') {
    return [NO_REGION];
  }
  const store = await askStore(deps.timestream, region);
  const image = (await deps.canBuildImages())
    ? []
    : [
        fault(
          'NO_IMAGE_BUILDER',
          'Nothing here can build the image of ingest. Start Docker, or name another builder in CDK_DOCKER (finch, podman).',
        ),
      ];
  const quota = await concurrency(deployment, region, deps.lambdaConcurrency);
  return [...store, ...quota, ...image, ...exchange(deployment, region), ...polling(deployment)];
}

async function askStore(client: PreflightDeps['timestream'], region: string): Promise<readonly Finding[]> {
  try {
    const { Databases } = await client.send(new ListDatabasesCommand({ MaxResults: 1 }));
    if ((Databases ?? []).length > 0) return [];
    return [
      notice(
        'STORE_UNPROVEN',
        'Timestream for LiveAnalytics answers, and the account has no database in this region yet. Where CloudFormation ' +
          'is refused all the same, the account counts as a new customer.',
      ),
    ];
  } catch (error) {
    return [storeFault(error, region)];
  }
}

function storeFault(error: unknown, region: string): Finding {
  const chain = errorChain(error);
  if (chain.some((link) => systemCode(link) === 'ENOTFOUND')) {
    return fault(
      'STORE_NOT_IN_REGION',
      `Timestream for LiveAnalytics has no endpoint in ${region} (or no name can be resolved here at all). Choose a region that has it, such as eu-west-1, eu-central-1, us-east-1 or ap-northeast-1.`,
    );
  }
  const closed = chain.find(
    ({ name, message }) =>
      name === 'AccessDeniedException' && !message.includes('is not authorized to perform'),
  );
  if (closed !== undefined) {
    return fault(
      'STORE_CLOSED',
      'This account cannot create Timestream for LiveAnalytics: it takes no new customers since June 2025. ' +
        'Deploy from an account that has it. Timestream for InfluxDB (store=influxdb) is to be the other choice and ' +
        `is not built yet. AWS said: ${closed.message}`,
    );
  }
  const { name, message } = chain.at(-1) ?? { name: '', message: String(error) };
  return accessFault(error) ?? fault('STORE_UNKNOWN', `Timestream could not be asked: ${name} ${message}`);
}

/** What AWS leaves at least to functions without a reservation: 100, and 10 in newer accounts. */
const LEAST_UNRESERVED = { always: 10, atMost: 100 };

async function concurrency(
  deployment: Deployment,
  region: string,
  ask: PreflightDeps['lambdaConcurrency'],
): Promise<readonly Finding[]> {
  const { reservedConcurrency, name } = deployment.size;
  if (reservedConcurrency === null) return [];
  const needed = RESERVING_FUNCTIONS * reservedConcurrency;
  const reserves = `Size ${name} reserves ${needed} concurrent executions (${reservedConcurrency} for each of ${RESERVING_FUNCTIONS} functions)`;
  const asking = 'Ask for more first: Service Quotas, Lambda, concurrent executions; a new account has 10.';
  let found: LambdaConcurrency;
  try {
    found = await ask();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [
      notice(
        'CONCURRENCY_UNKNOWN',
        `${reserves}; how many the account has could not be asked: ${said} ${asking}`,
      ),
    ];
  }
  if (found.limit - needed < LEAST_UNRESERVED.always) {
    return [
      fault(
        'CONCURRENCY_TOO_LOW',
        `${reserves}, and the account has ${found.limit} in all in ${region}, of which ${LEAST_UNRESERVED.always} ` +
          `(${LEAST_UNRESERVED.atMost} in older accounts) must stay free. ${asking} Or take -c size=dev, which reserves none.`,
      ),
    ];
  }
  if (found.unreserved - needed >= LEAST_UNRESERVED.atMost) return [];
  return [
    notice(
      'CONCURRENCY_TIGHT',
      `${reserves}, and of the account’s ${found.limit} in ${region} ${found.unreserved} are not reserved; AWS may refuse to ` +
        `leave fewer than ${LEAST_UNRESERVED.atMost}. All is well where an earlier deployment of these functions holds its ${needed} already. ${asking}`,
    ),
  ];
}

function exchange(deployment: Deployment, region: string): readonly Finding[] {
  const own = 'data-stream.binance.vision';
  if (!REFUSED_REGIONS.test(region)) return [];
  if (deployment.streamUrl.includes(own)) {
    return [
      notice(
        'EXCHANGE_MAY_REFUSE',
        `Binance.com refuses some places (HTTP 451), ${region} among them: streams come from ${own}, and missing trades ` +
          'are repaired by aggregates from data-api.binance.vision. Another host: -c streamUrl=… -c restUrl=….',
      ),
    ];
  }
  return [
    notice(
      'EXCHANGE_MAY_REFUSE',
      `${deployment.streamUrl} may refuse ${region} (HTTP 451). The host for market data alone is wss://${own}.`,
    ),
  ];
}

function polling(deployment: Deployment): readonly Finding[] {
  if (deployment.polling === 'provisioned') return [];
  const [usd, provisionedUsd] = (['on-demand', 'provisioned'] as const).map((way) =>
    totalUsd(monthlyCost({ ...deployment, polling: way })).toFixed(0),
  );
  return [
    notice(
      'POLLED_ON_DEMAND',
      'Topics are polled on demand: batches gather for 500 ms, scaling takes minutes, a failing batch is retried ' +
        `whole, ten times. -c polling=provisioned has none of that, for about ${provisionedUsd} USD a month ` +
        `instead of ${usd} (npm run cost).`,
    ),
  ];
}
