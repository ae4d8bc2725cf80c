import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';

/** Where `cdk bootstrap` writes its version; the middle is the CDK's default qualifier. */
const PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** The version of the account's bootstrap in the region; undefined where it was never bootstrapped. */
export async function bootstrapVersion(client: Pick<SSMClient, 'send'>): Promise<string | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: PARAMETER }));
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
