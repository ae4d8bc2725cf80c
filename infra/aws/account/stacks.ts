import { CodedError } from '../../../shared/coded-error.ts';
import type { ServiceClient } from './service-client.ts';

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

const VERSION = '2010-05-15';

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

/** CloudFormation over its query protocol. */
export class CloudFormationStacks implements Stacks {
  readonly #client: ServiceClient;

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  async describe(name: string): Promise<StackState | undefined> {
    try {
      return stackOf(name, await this.#ask('DescribeStacks', name));
    } catch (error) {
      const isMissing =
        error instanceof CodedError &&
        error.code === 'ValidationError' &&
        error.message.includes('does not exist');
      if (isMissing) return undefined;
      throw error;
    }
  }

  async unprotect(name: string): Promise<void> {
    await this.#ask('UpdateTerminationProtection', name, { EnableTerminationProtection: 'false' });
  }

  #ask(action: string, name: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#client.query('cloudformation', {
      Action: action,
      Version: VERSION,
      StackName: name,
      ...more,
    });
  }
}

function stackOf(name: string, xml: string): StackState | undefined {
  const status = /<StackStatus>([A-Z_]+)</.exec(xml)?.[1];
  if (status === undefined || status === 'DELETE_COMPLETE') return undefined;
  const outputs = [...xml.matchAll(/<OutputKey>([^<]*)<\/OutputKey>\s*<OutputValue>([^<]*)</g)];
  return {
    name,
    status,
    isProtected: /<EnableTerminationProtection>true</.test(xml),
    outputs: new Map(outputs.map(([, key = '', value = '']) => [key, value])),
  };
}
