import {
  type CloudFormationClient,
  DescribeStacksCommand,
  type Stack,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';

/** A stack as CloudFormation describes it, as far as a deployment asks. */
export interface StackState {
  readonly name: string;
  /** Such as `CREATE_COMPLETE`. */
  readonly status: string;
  readonly isProtected: boolean;
  readonly outputs: ReadonlyMap<string, string>;
}

/** What CloudFormation is asked and told here. */
export interface Stacks {
  /** Undefined where there is no such stack. */
  describe(name: string): Promise<StackState | undefined>;
  /** Takes the termination protection off. */
  unprotect(name: string): Promise<void>;
}

/**
 * Whether a stack failed while it was first made: the CDK deletes such a stack before it makes it again, which
 * CloudFormation refuses as long as it is protected.
 */
export function neverCameToBe(stack: StackState): boolean {
  return stack.status === 'ROLLBACK_COMPLETE' || stack.status === 'ROLLBACK_FAILED';
}

/**
 * Takes the protection off a stack that never came to be, so that the CDK can delete it; a stack that once stood
 * keeps its protection. The CDK protects a stack before it makes anything.
 */
export async function unprotectUnfinished(stacks: Stacks, name: string): Promise<void> {
  const stack = await stacks.describe(name);
  if (stack?.isProtected && neverCameToBe(stack)) await stacks.unprotect(name);
}

/** The stacks of an account, asked of CloudFormation. */
export class CloudFormationStacks implements Stacks {
  readonly #client: Pick<CloudFormationClient, 'send'>;

  constructor(client: Pick<CloudFormationClient, 'send'>) {
    this.#client = client;
  }

  async describe(name: string): Promise<StackState | undefined> {
    try {
      const { Stacks = [] } = await this.#client.send(new DescribeStacksCommand({ StackName: name }));
      return stateOf(name, Stacks[0]);
    } catch (error) {
      // CloudFormation has no error of its own for this.
      if (
        error instanceof Error &&
        error.name === 'ValidationError' &&
        error.message.includes('does not exist')
      )
        return undefined;
      throw error;
    }
  }

  async unprotect(name: string): Promise<void> {
    const input = { StackName: name, EnableTerminationProtection: false };
    await this.#client.send(new UpdateTerminationProtectionCommand(input));
  }
}

function stateOf(name: string, stack: Stack | undefined): StackState | undefined {
  const status = stack?.StackStatus;
  if (stack === undefined || status === undefined || status === 'DELETE_COMPLETE') return undefined;
  const { Outputs = [], EnableTerminationProtection: isProtected = false } = stack;
  return {
    name,
    status,
    isProtected,
    outputs: new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
  };
}
