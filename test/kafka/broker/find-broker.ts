import { spawnSync } from 'node:child_process';
import { startDockerBroker } from './docker-broker.ts';
import { startJarBroker } from './jar-broker.ts';
import { missingForJars } from './kafka-jars.ts';
import type { TestBroker } from './test-broker.ts';

/** How a broker can be had here, or a sentence of what is missing. */
export type BrokerChoice =
  | { readonly kind: 'broker'; readonly start: () => Promise<TestBroker> }
  | { readonly kind: 'none'; readonly lacks: string };

/**
 * A real Kafka, taken in this order: `KAFKA_BOOTSTRAP_SERVERS`, Docker where a daemon answers, Apache Kafka's
 * jars by Java 17 and Maven.
 */
export function findBroker(): BrokerChoice {
  const given = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (given !== undefined && given !== '') {
    const broker = { kind: `Kafka at ${given}`, plain: given, own: undefined, close: async () => {} };
    return { kind: 'broker', start: async () => broker };
  }
  if (spawnSync('docker', ['info'], { timeout: 10_000 }).status === 0) {
    return { kind: 'broker', start: startDockerBroker };
  }
  const missing = missingForJars();
  if (missing === undefined) return { kind: 'broker', start: startJarBroker };
  return {
    kind: 'none',
    lacks: `no Kafka broker: KAFKA_BOOTSTRAP_SERVERS is not set, no Docker daemon answers, and there is ${missing}`,
  };
}

const choice = findBroker();

/** For `skip` of a suite: why there is no broker. In CI a broker is a must, so nothing is skipped there. */
export const skipWithoutBroker: string | false =
  choice.kind === 'none' && process.env.CI !== 'true' ? choice.lacks : false;

/** Starts the broker that was found; fails where there is none. */
export async function startBroker(): Promise<TestBroker> {
  if (choice.kind === 'none') throw new Error(choice.lacks);
  return choice.start();
}
