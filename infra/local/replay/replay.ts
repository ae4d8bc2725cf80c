import { type IngestHandle, startIngest } from '../../../functions/ingest/ingest.ts';
import { replayConfig } from '../../../functions/ingest/ingest-config.ts';
import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import { type MemoryConnection, MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import type { TradeRepair } from '../../../functions/ingest/trade-repair.ts';
import type { Clock } from '../../../shared/clock.ts';
import { assert } from '../../../shared/coded-error.ts';
import type { Feed } from '../../../shared/events/tick.ts';
import type { LogProducer, LogReader } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import { feedOf, STREAM_TYPES } from '../../../shared/stream-type.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import type { RecordedItem } from '../recordings/recorded-item.ts';
import { Pacer } from './pacer.ts';
import { nextPass, readPosition, runName } from './replay-position.ts';

/** What of a recording a replay needs; `openRecording` gives it. */
export interface ReplayedRecording {
  readonly symbols: readonly MarketSymbol[];
  items(): AsyncIterable<RecordedItem>;
}

/** How a recording is replayed. */
export interface ReplayOptions {
  readonly recording: ReplayedRecording;
  readonly producer: LogProducer;
  readonly reader: LogReader;
  readonly topics: TopicNames;
  /** Multiples of real time, or as fast as the pipeline takes it. */
  readonly speed: number | 'max';
  /** Feeds a recording that is finished in this log a second time. @default false */
  readonly again?: boolean;
  /** Wall time, for a `speed` that is a number. */
  readonly wall: Clock;
  /** Serves missing trades; without it a hole is told and given up. */
  readonly repair?: TradeRepair;
  readonly report?: (report: IngestReport) => void;
  /** Called after each produce; a promise holds the replay until what reads the log has caught up. */
  readonly gate?: () => Promise<void> | undefined;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Called once ingest runs: for health and status. */
  readonly onStart?: (ingest: IngestHandle, clock: VirtualClock) => void;
  /** Called before the clock passes a long silence that is not lived through, with its length. */
  readonly onLeftOut?: (us: Micros) => void;
  /** Ends the replay before its end; its watch session stays open, and the next start resumes it. */
  readonly signal?: AbortSignal;
}

/** How far a replay is. */
export interface ReplayProgress {
  /** Lines handed to ingest in this run. */
  readonly frames: number;
  /** The recording's own time. */
  readonly timeUs: Micros;
}

/** What was read. Frames that the log held already are counted too: a resumed replay tells the whole. */
export interface ReplayResult {
  /** Lines handed to ingest, unreadable ones included. */
  readonly frames: number;
  /** Lines of streams or symbols that are not watched. */
  readonly skipped: number;
  /** URL lines, REST answers between the frames, lines without `stream`. */
  readonly notFrames: number;
  readonly unreadable: number;
  /** Frames in the raw log, of all runs. */
  readonly framesInLog: number;
  /** Counts the runs of this recording into this log from 0. */
  readonly pass: number;
  /** Frames of this run that an earlier, interrupted start had appended. */
  readonly resumedFrames: number;
  /** False where `signal` ended it early. */
  readonly isFinished: boolean;
  readonly firstUs: Micros | null;
  readonly lastUs: Micros | null;
}

/**
 * Feeds a recording through ingest's socket port on one virtual clock, which moves on only when no produce and
 * no REST answer is pending. Nothing is dropped or conflated. What the log holds already is not appended again:
 * a replay that was killed goes on where it was, as if it had never stopped.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const found = await readPosition(options.reader, options.topics);
  const isDone = found.isFinished && options.again !== true;
  const position = found.isFinished && !isDone ? nextPass(found) : found;
  const counts = { frames: 0, skipped: 0, notFrames: 0, unreadable: 0 };
  let feed: ReplayFeed | undefined;
  let firstUs: Micros | null = null;
  let lastUs: Micros | null = null;
  let appendedNow = 0;

  try {
    for await (const item of options.recording.items()) {
      if (options.signal?.aborted) break;
      if (item.kind === 'skipped') counts.skipped += 1;
      else if (item.kind === 'not-frame') counts.notFrames += 1;
      else {
        counts.frames += 1;
        if (item.kind === 'unreadable') counts.unreadable += 1;
        firstUs ??= item.receivedUs;
        lastUs = Math.max(lastUs ?? 0, item.receivedUs);
        if (isDone) continue;
        feed ??= await ReplayFeed.start(options, position, item.receivedUs);
        if (!position.appended.frame(position.firstFrame + counts.frames - 1)) appendedNow += 1;
        await feed.give(item);
        if (counts.frames % 1_000 === 0)
          options.onProgress?.({ frames: counts.frames, timeUs: feed.clock.nowUs() });
      }
    }
  } catch (error) {
    // What was read so far stays in the log; the next start goes on from there.
    await feed?.ingest.stop().catch(() => {});
    throw error;
  }
  const isStopped = options.signal?.aborted === true;
  if (isStopped) await feed?.ingest.stop();
  else await feed?.end();
  return {
    ...counts,
    framesInLog: position.frames + appendedNow,
    pass: position.pass,
    resumedFrames: counts.frames - appendedNow,
    isFinished: !isStopped,
    firstUs,
    lastUs,
  };
}

const LONG_SILENCE_US = 600_000_000;
const SILENCE_LIVED_US = 300_000_000;

/** The running feed: ingest on the virtual clock, and the far end of its two sockets. */
class ReplayFeed {
  readonly clock: VirtualClock;
  readonly ingest: IngestHandle;
  readonly #source: MemoryStreamSource;
  readonly #pacer: Pacer;
  readonly #gate: () => Promise<void> | undefined;
  readonly #onLeftOut: (us: Micros) => void;

  private constructor(
    clock: VirtualClock,
    ingest: IngestHandle,
    source: MemoryStreamSource,
    options: ReplayOptions,
  ) {
    this.clock = clock;
    this.ingest = ingest;
    this.#source = source;
    this.#pacer = new Pacer(options.wall, options.speed, clock.nowUs());
    this.#gate = options.gate ?? (() => undefined);
    this.#onLeftOut = options.onLeftOut ?? (() => {});
  }

  static async start(
    options: ReplayOptions,
    position: Awaited<ReturnType<typeof readPosition>>,
    startUs: Micros,
  ): Promise<ReplayFeed> {
    const clock = new VirtualClock(startUs);
    const source = new MemoryStreamSource();
    const { recording, topics, producer, repair, report } = options;
    const ingest = await startIngest(
      replayConfig({
        // The sockets carry whatever the lines hold; a recording of unreadable lines alone needs them too.
        symbols: recording.symbols.length > 0 ? recording.symbols : ['NONE'],
        streams: STREAM_TYPES,
        topics,
        run: runName(position.pass),
        firstFrame: position.firstFrame,
      }),
      {
        clock,
        // No socket of a replay ever reconnects, so there is no jitter.
        random: () => 0,
        source,
        producer,
        appendedBefore: position.appended,
        ...(repair && { repair }),
        ...(report && { report }),
      },
    );
    const feed = new ReplayFeed(clock, ingest, source, options);
    await Promise.resolve();
    options.onStart?.(ingest, clock);
    return feed;
  }

  /** Moves the clock to the line's time and hands it over. */
  async give(item: Extract<RecordedItem, { readonly bytes: Buffer }>): Promise<void> {
    if (item.receivedUs > this.clock.nowUs()) {
      const waiting = this.#mustWait(item.receivedUs);
      if (waiting) await this.#moveTo(item.receivedUs);
      else this.clock.advanceTo(item.receivedUs);
    }
    const isQuote = item.kind === 'frame' && feedOf(item.stream) === 'quotes';
    const socket = this.#socket(isQuote ? 'quotes' : 'trades');
    if (item.kind === 'frame') socket.deliver(item.bytes, item.receivedUs);
    else socket.deliver(item.bytes, item.receivedUs, item.kind === 'unreadable' ? null : item.symbol);
    await this.#settle();
  }

  /** Lets repairs finish, closes the watch sessions, and waits until everything is in the log. */
  async end(): Promise<void> {
    const limitUs = this.clock.nowUs() + LONG_SILENCE_US;
    while ((this.ingest.filler?.pendingGaps ?? 0) > 0 && this.clock.runNext(limitUs)) await this.#settle();
    await this.ingest.endFeed();
    await this.#gate();
  }

  #mustWait(us: Micros): boolean {
    const dueUs = this.clock.nextDueUs;
    return this.#pacer.isPaced || (dueUs !== undefined && dueUs <= us);
  }

  async #moveTo(us: Micros): Promise<void> {
    const silenceUs = us - this.clock.nowUs();
    if (silenceUs > LONG_SILENCE_US) {
      // Days between two files are not lived second by second: what they would tell is told in five minutes.
      await this.#liveUntil(this.clock.nowUs() + SILENCE_LIVED_US);
      const leftOutUs = us - 1_000_000 - this.clock.nowUs();
      this.#pacer.skip(leftOutUs);
      this.#onLeftOut(leftOutUs);
      this.clock.jumpTo(us - 1_000_000);
    }
    await this.#liveUntil(us);
  }

  async #liveUntil(us: Micros): Promise<void> {
    for (;;) {
      const dueUs = Math.max(this.clock.nowUs(), this.clock.nextDueUs ?? us);
      const nextUs = Math.min(us, dueUs);
      if (this.#pacer.isPaced && this.#pacer.aheadMs(nextUs) > 1) {
        await this.ingest.flush();
        await this.#pacer.wait(nextUs);
      }
      if (!this.clock.runNext(us)) break;
      await this.#settle();
    }
    this.clock.advanceTo(us);
  }

  /** Waits until no produce and no REST answer is pending, and the log's readers have room. */
  async #settle(): Promise<void> {
    let pending = this.ingest.settled();
    if (pending === undefined) return;
    while (pending !== undefined) {
      await pending;
      pending = this.ingest.settled();
    }
    await this.#gate();
  }

  #socket(feed: Feed): MemoryConnection {
    const at = this.ingest.sockets.findIndex((socket) => socket.feed === feed);
    const connection = this.#source.connections[at];
    assert(connection !== undefined, `the replay has no socket for ${feed}`);
    return connection;
  }
}
