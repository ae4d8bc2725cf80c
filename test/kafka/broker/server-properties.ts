import { USER } from './test-broker.ts';

/** The ports of a broker's listeners. */
export interface BrokerPorts {
  readonly plain: number;
  readonly sasl: number;
  readonly proxied: number;
  /** Where clients of the proxied listener are sent to. */
  readonly advertisedProxy: number;
  readonly controller: number;
}

/** A single KRaft node: fast to start, no permission without a rule but for the anonymous super user. */
export function serverProperties(dataDir: string, ports: BrokerPorts, bind = '127.0.0.1'): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners:
      `PLAINTEXT://${bind}:${ports.plain},SASL://${bind}:${ports.sasl},` +
      `PROXIED://${bind}:${ports.proxied},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners':
      `PLAINTEXT://127.0.0.1:${ports.plain},SASL://127.0.0.1:${ports.sasl},` +
      `PROXIED://127.0.0.1:${ports.advertisedProxy}`,
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    // A killed broker is let in again after this, not after nine seconds.
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '300',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'listener.name.sasl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
