import { DEFAULT_VALIDATION_RULES, type ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Source } from '../../shared/events/source.ts';
import type { TopicNames } from '../../shared/log/topics.ts';
import type { StreamType } from '../../shared/stream-type.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { WaitLimits } from './lane-port.ts';
import type { SocketLimits } from './plan-sockets.ts';
import type { QueueLimits } from './record-queue.ts';
import type { KeeperLimits } from './socket-keeper.ts';

/** Everything that the running core of ingest is told. */
export interface IngestConfig {
  readonly symbols: readonly MarketSymbol[];
  readonly streams: readonly StreamType[];
  readonly streamUrl: string;
  /** Ask the exchange for microseconds. */
  readonly microseconds: boolean;
  readonly topics: TopicNames;
  readonly source: Exclude<Source, 'backfill'>;
  /** Begins the names of connections in the records, so that the runs of a replay can be told apart. */
  readonly run: string;
  /** The number of the first frame. */
  readonly firstFrame: number;
  readonly sockets: KeeperLimits;
  readonly socketLimits: SocketLimits;
  readonly queues: { readonly trades: QueueLimits; readonly quotes: QueueLimits };
  readonly waits: WaitLimits;
  /** What counts as a trade: the rules that validate applies. */
  readonly rules: ValidationRules;
}

/** What the deployment decides; the rest are the defaults below. */
export type IngestChoices = Pick<
  IngestConfig,
  'symbols' | 'streams' | 'streamUrl' | 'microseconds' | 'topics'
> & {
  readonly reconnectDelayMs: number;
  readonly maxReconnectDelayMs: number;
  /** How long newer trades wait behind a gap. */
  readonly gapWaitMs: number;
};

const QUEUE: QueueLimits = {
  maxRecords: 500,
  maxBytes: 900_000,
  lingerMs: 5,
  pauseAbove: 20_000,
  resumeBelow: 5_000,
  conflateAbove: null,
};

const WAITS: WaitLimits = { graceMs: 200, maxMs: 10_000, maxRecords: 20_000 };

const SOCKETS: Omit<KeeperLimits, 'minMs' | 'maxMs'> = {
  rotateAfterMs: 84_600_000,
  pingAfterMs: 10_000,
  deadAfterMs: 10_000,
  silentAfterMs: 30_000,
  pausedMaxMs: 30_000,
  handoverMs: 5_000,
};

/** The configuration of a live feed. */
export function liveConfig(choices: IngestChoices): IngestConfig {
  const { reconnectDelayMs, maxReconnectDelayMs, gapWaitMs, ...rest } = choices;
  return {
    ...rest,
    source: 'live',
    run: '',
    firstFrame: 0,
    sockets: { ...SOCKETS, minMs: reconnectDelayMs, maxMs: maxReconnectDelayMs },
    socketLimits: {},
    queues: { trades: QUEUE, quotes: { ...QUEUE, conflateAbove: 5_000 } },
    waits: { ...WAITS, maxMs: gapWaitMs },
    rules: { ...DEFAULT_VALIDATION_RULES, symbols: new Set(choices.symbols) },
  };
}

/**
 * The configuration of a replay: one socket per feed whatever it carries, nothing conflated, no socket closed for
 * age or pressure, and records sent when a batch is full or the driver asks.
 */
export function replayConfig(
  choices: Pick<IngestConfig, 'symbols' | 'streams' | 'topics' | 'run' | 'firstFrame'>,
): IngestConfig {
  const queue: QueueLimits = { ...QUEUE, lingerMs: null };
  const never = Number.POSITIVE_INFINITY;
  return {
    ...choices,
    streamUrl: 'replay:',
    microseconds: false,
    source: 'replay',
    sockets: {
      ...SOCKETS,
      minMs: 1_000,
      maxMs: 60_000,
      rotateAfterMs: null,
      pausedMaxMs: never,
      pingAfterMs: never,
    },
    socketLimits: { maxStreams: never, maxUrlLength: never },
    queues: { trades: queue, quotes: queue },
    waits: WAITS,
    rules: DEFAULT_VALIDATION_RULES,
  };
}
