import { CodedError } from '../../../shared/coded-error.ts';
import type { KafkaSecurity, KafkaSettings } from '../../../shared/settings/kafka-settings.ts';

/** The answer of `GetBootstrapBrokers`, as far as it is used. */
export interface BootstrapBrokers {
  readonly BootstrapBrokerString?: string | undefined;
  readonly BootstrapBrokerStringTls?: string | undefined;
  readonly BootstrapBrokerStringSaslScram?: string | undefined;
  readonly BootstrapBrokerStringSaslIam?: string | undefined;
}

/** Asks MSK for the brokers of a cluster: `askMsk`, or another in tests. */
export type AskMsk = (clusterArn: string) => Promise<BootstrapBrokers>;

/**
 * The brokers to begin with: those of the settings, or those that MSK names for this kind of security. Who
 * never has a cluster's ARN gives no `ask`, and need not carry MSK's client.
 */
export async function bootstrapBrokers(settings: KafkaSettings, ask?: AskMsk): Promise<readonly string[]> {
  const { brokers, security } = settings;
  if (brokers.kind === 'servers') return brokers.servers;
  if (ask === undefined) {
    throw new CodedError(
      'KAFKA_CLUSTER_NOT_FOUND',
      'This program does not ask MSK for brokers: set KAFKA_BOOTSTRAP_SERVERS instead of MSK_CLUSTER_ARN.',
    );
  }
  const field = fieldFor(security);
  let list: string | undefined;
  try {
    list = (await ask(brokers.clusterArn))[field];
  } catch (cause) {
    throw new CodedError(
      'KAFKA_CLUSTER_NOT_FOUND',
      `MSK does not tell the brokers of ${brokers.clusterArn}. Check MSK_CLUSTER_ARN, the AWS credentials, and ` +
        'the permission kafka:GetBootstrapBrokers.',
      { cause, data: { clusterArn: brokers.clusterArn } },
    );
  }
  if (list === undefined || list === '') {
    throw new CodedError(
      'KAFKA_CLUSTER_NOT_SO_SECURED',
      `The cluster ${brokers.clusterArn} offers no ${field}. Choose another KAFKA_SECURITY_PROTOCOL or ` +
        'KAFKA_SASL_MECHANISM, or switch that one on for the cluster.',
      { data: { clusterArn: brokers.clusterArn, field } },
    );
  }
  return list.split(',');
}

function fieldFor(security: KafkaSecurity): keyof BootstrapBrokers {
  switch (security.kind) {
    case 'plaintext':
      return 'BootstrapBrokerString';
    case 'tls':
      return 'BootstrapBrokerStringTls';
    case 'password':
      return 'BootstrapBrokerStringSaslScram';
    case 'aws-msk-iam':
      return 'BootstrapBrokerStringSaslIam';
  }
}
