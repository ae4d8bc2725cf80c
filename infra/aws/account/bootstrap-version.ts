import { CodedError } from '../../../shared/coded-error.ts';
import type { ServiceClient } from './service-client.ts';

/** Where `cdk bootstrap` writes its version; the middle is the CDK's default qualifier. */
const PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** The version of the account's bootstrap in the region; undefined where it was never bootstrapped. */
export async function bootstrapVersion(client: ServiceClient): Promise<string | undefined> {
  try {
    const answer = await client.json('ssm', 'AmazonSSM.GetParameter', { Name: PARAMETER });
    return String(JSON.parse(answer).Parameter?.Value);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'ParameterNotFound') return undefined;
    throw error;
  }
}
