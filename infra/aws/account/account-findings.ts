import type { Deployment } from '../deployment.ts';
import { type Finding, fault, notice } from '../finding.ts';
import { accessFault } from './access-fault.ts';
import { neverCameToBe, type StackState } from './stacks.ts';

/** What a deployment asks an account before it makes anything. */
export interface AccountQuestions {
  readonly region: string;
  stack(name: string): Promise<StackState | undefined>;
  bootstrapVersion(): Promise<string | undefined>;
  /** Retained resources that bear the names of this deployment, in words. */
  leftovers(name: string): Promise<readonly string[]>;
}

/** The output of the data stack that holds its size. */
export const SIZE_OUTPUT = 'Size';

/** Finds out what an account already has of a deployment, and what of that would stop another. */
export async function accountFindings(
  deployment: Deployment,
  account: AccountQuestions,
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    asked('the CDK bootstrap', () => bootstrap(account)),
    asked('stacks and what they left', () => stackOfData(deployment, account)),
  ]);
  const all = findings.flat();
  return all.filter(({ code }, index) => all.findIndex((other) => other.code === code) === index);
}

/** A right that is missing for a question stops nothing: CloudFormation asks the same later. */
async function asked(what: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [accessFault(error) ?? notice('ACCOUNT_UNREAD', `Not looked at: ${what}. AWS said: ${said}`)];
  }
}

async function bootstrap(account: AccountQuestions): Promise<readonly Finding[]> {
  if ((await account.bootstrapVersion()) !== undefined) return [];
  return [
    fault(
      'NOT_BOOTSTRAPPED',
      `The CDK has no place for its files in ${account.region} of this account yet. Once: npm exec cdk bootstrap ` +
        '(with the same --profile, where one is used).',
    ),
  ];
}

async function stackOfData(deployment: Deployment, account: AccountQuestions): Promise<readonly Finding[]> {
  const name = `${deployment.name}-data`;
  const stack = await account.stack(name);
  if (stack === undefined) return left(deployment, account, '');
  if (neverCameToBe(stack)) {
    const unfinished = notice(
      'STACK_UNFINISHED',
      `The stack ${name} failed while it was first made (${stack.status}). It is deleted and made again` +
        `${stack.isProtected ? ', and its termination protection taken off for that' : ''}.`,
    );
    return [unfinished, ...(await left(deployment, account, ' failed or'))];
  }
  const size = stack.outputs.get(SIZE_OUTPUT);
  if (size === undefined || size === deployment.size.name) return [];
  return [
    fault(
      'OTHER_SIZE',
      `${name} was made with size ${size} and cannot become ${deployment.size.name}: subnets, brokers and the ` +
        'replication of topics are fixed when a cluster is made. ' +
        `Deploy with -c size=${size}; for another size remove this deployment first ` +
        '(docs/deploying.md, Upgrading and Removing).',
    ),
  ];
}

async function left(
  { name }: Deployment,
  account: AccountQuestions,
  failed: string,
): Promise<readonly Finding[]> {
  const found = await account.leftovers(name);
  if (found.length === 0) return [];
  return [
    fault(
      'LEFTOVERS',
      `${account.region} has ${found.join(', ')}, kept from a deployment that${failed} was removed, or another's. ` +
        'CloudFormation cannot make them a second time. Remove them (docs/deploying.md, Removing, steps 2 and 3), ' +
        'or deploy into another region.',
    ),
  ];
}
