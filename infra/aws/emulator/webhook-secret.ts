import {
  CreateSecretCommand,
  DeleteSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

type Secrets = Pick<SecretsManagerClient, 'send'>;

/** The name of the secret of Slack's webhook, on AWS and in an emulator. */
export function webhookSecretName(deploymentName: string): string {
  return `${deploymentName}/slack-webhook`;
}

/** Makes the secret, empty, where there is none yet. On AWS the stack makes it; moto's CloudFormation knows none. */
export async function ensureWebhookSecret(secrets: Secrets, name: string): Promise<void> {
  const Description = 'The incoming webhook of Slack';
  await secrets.send(new CreateSecretCommand({ Name: name, Description })).catch((error: unknown) => {
    if (nameOf(error) !== 'ResourceExistsException') throw error;
  });
}

/** Removes it at once; none there is well too. */
export async function removeWebhookSecret(secrets: Secrets, name: string): Promise<void> {
  const command = new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true });
  await secrets.send(command).catch((error: unknown) => {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
