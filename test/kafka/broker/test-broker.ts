/** A real Kafka for tests. All addresses are on the loopback. */
export interface TestBroker {
  /** What it runs on, for the test's output. */
  readonly kind: string;
  /** `host:port` without any security. */
  readonly plain: string;
  /** Only on a broker of our own. */
  readonly own: OwnBroker | undefined;
  close(): Promise<void>;
}

/** What only a broker of our own can do. */
export interface OwnBroker {
  /** `host:port` with SASL; user `alice`, password `alice-secret`, by SCRAM-SHA-512 and by PLAIN. */
  readonly sasl: string;
  /** The port that the proxied listener is reached at, and the one behind the proxy. */
  readonly proxied: { readonly advertisedPort: number; readonly port: number };
  /** What `kafka-consumer-groups` prints with these arguments, the server's address aside. */
  consumerGroups(...args: readonly string[]): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
}

/** The user that the SASL listener knows. */
export const USER = { username: 'alice', password: 'alice-secret' } as const;
