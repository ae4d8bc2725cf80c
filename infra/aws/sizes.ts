/** The sizes of a deployment. */
export const SIZES = ['dev', 'standard', 'express'] as const;

export type SizeName = (typeof SIZES)[number];

/** How the mappings poll the topics. */
export const POLLINGS = ['provisioned', 'on-demand'] as const;

export type Polling = (typeof POLLINGS)[number];

/** What a size decides. */
export interface Size {
  readonly name: SizeName;
  /** Availability zones; a broker, or a multiple of one, stands in each. */
  readonly zones: 2 | 3;
  readonly broker: {
    readonly instanceType: string;
    readonly count: number;
    /**
     * Per broker, and how far it may grow by itself, which also bounds what the topics may hold; null on Express
     * brokers, whose storage is elastic.
     */
    readonly storageGib: { readonly least: number; readonly most: number } | null;
  };
  readonly replication: 2 | 3;
  /** The way out of the private subnets, for Timestream (and for on-demand polling). */
  readonly nat: 'instance' | 'gateway';
  readonly polling: Polling;
  readonly ingest: { readonly cpuUnits: number; readonly memoryMib: number };
  /** ECS Container Insights, which costs by the metric. */
  readonly containerInsights: boolean;
  /**
   * Keeps a part of the account's concurrency for the two streaming functions, so that others cannot starve them;
   * null in `dev`, because a new account has too little of it to share.
   */
  readonly reservedConcurrency: number | null;
  readonly logDays: 7 | 30;
}

/** The functions that `Size.reservedConcurrency` is for: validate and aggregate. */
export const RESERVING_FUNCTIONS = 2;

/** Two feeds of six partitions, and as many invocations again while a batch is retried in halves. */
const STREAMING_CONCURRENCY = 24;

const STANDARD: Size = {
  name: 'standard',
  zones: 3,
  broker: { instanceType: 'kafka.m7g.large', count: 3, storageGib: { least: 100, most: 1_000 } },
  replication: 3,
  nat: 'gateway',
  polling: 'provisioned',
  ingest: { cpuUnits: 1_024, memoryMib: 2_048 },
  containerInsights: true,
  reservedConcurrency: STREAMING_CONCURRENCY,
  logDays: 30,
};

/**
 * `dev` is the cheapest that works: two small brokers, a NAT instance, polling on demand (which lacks bisecting,
 * retries and partial responses). `standard` stands in three zones. `express` has Express brokers instead.
 */
export const SIZE_TABLE: Readonly<Record<SizeName, Size>> = {
  dev: {
    name: 'dev',
    zones: 2,
    broker: { instanceType: 'kafka.t3.small', count: 2, storageGib: { least: 20, most: 250 } },
    replication: 2,
    nat: 'instance',
    polling: 'on-demand',
    ingest: { cpuUnits: 512, memoryMib: 1_024 },
    containerInsights: false,
    reservedConcurrency: null,
    logDays: 7,
  },
  standard: STANDARD,
  express: {
    ...STANDARD,
    name: 'express',
    broker: { instanceType: 'express.m7g.large', count: 3, storageGib: null },
  },
};
