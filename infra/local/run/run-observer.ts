import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import type { IngestStatus } from '../../../functions/ingest/ingest-status.ts';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { Millis } from '../../../shared/units.ts';
import type { ActiveAlarm } from '../alerting/active-alarms.ts';
import type { AlertingChoices } from '../alerting/local-alerting.ts';
import type { PipelineOptions } from '../pipeline/start-pipeline.ts';
import type { MonitorView, ProgressView } from '../terminal/monitor-view.ts';
import { paletteFor } from '../terminal/palette.ts';
import { renderMonitor } from '../terminal/render-monitor.ts';
import { RunBoard, type RunFacts } from '../terminal/run-board.ts';
import { Screen, type TerminalStream } from '../terminal/screen.ts';
import { statusLine } from '../terminal/status-line.ts';
import type { MonitorLog } from './monitor-log.ts';
import { alarmEvent, type EventLevel, eventLine, type RunEvent } from './run-event.ts';

const DRAW_MS = 250;
const LAG_MS = 1_000;
const LOG_STATUS_MS = 10_000;

/** Where an observed run is shown. */
export interface ObserverOptions {
  readonly facts: RunFacts;
  readonly clock: Clock;
  readonly out: TerminalStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: MonitorLog;
  /** Between status lines of a run without a terminal. */
  readonly statusEveryMs: Millis;
}

/** What the observer asks a running feed for. */
export interface ObservedRun {
  readonly status: () => IngestStatus | null;
  readonly lagRecords: () => Promise<number | null>;
  readonly progress: () => ProgressView | null;
  /** The alarms that are on; a replay has none. */
  readonly alarms?: () => readonly ActiveAlarm[];
}

/**
 * Shows a run: a table that moves where there is a terminal, lines of JSON where there is none, and in both cases
 * lines in the data folder's `monitor.log`.
 */
export class RunObserver {
  readonly board: RunBoard;
  /** What a pipeline tells. */
  readonly watch: Pick<
    PipelineOptions,
    'onRows' | 'onAggregated' | 'onMismatch' | 'onDeadLetters' | 'onTopicDifference' | 'onError'
  >;
  readonly #options: ObserverOptions;
  readonly #screen: Screen | undefined;
  readonly #timers = new Map<string, Timer>();
  #run: ObservedRun | undefined;
  #lagRecords: number | null = null;
  #isClosed = false;

  constructor(options: ObserverOptions) {
    const { clock, out, environment, facts } = options;
    this.#options = options;
    const isTerminal = out.isTTY === true;
    this.#screen =
      isTerminal && environment.TERM !== 'dumb'
        ? new Screen(out, paletteFor(isTerminal, environment))
        : undefined;
    this.board = new RunBoard(
      facts,
      () => clock.nowUs(),
      (event) => this.#tell(event),
    );
    this.watch = {
      onRows: (rows) => this.board.rows(rows),
      onAggregated: (counts) => {
        if (counts.rowsRefused > 0)
          this.event('warning', 'rows-refused', 'The store refused rows; they are dead letters.');
      },
      onMismatch: (record) => {
        const minute = new Date(record.open_time_ms).toISOString();
        const differing = record.differing.join(', ');
        const message = `${record.symbol}: the minute of ${minute} differs from the exchange's kline in ${differing}.`;
        this.event('error', record.event, message, { ...record });
      },
      onDeadLetters: (report) => this.board.deadLetters(report),
      onTopicDifference: (sentence) => this.event('warning', 'topic', sentence),
      onError: (source, error) => this.board.error(source, error),
    };
  }

  report(report: IngestReport): void {
    this.board.report(report);
  }

  event(level: EventLevel, event: string, message: string, data?: Readonly<Record<string, unknown>>): void {
    const timeUs = this.#options.clock.nowUs();
    this.board.event({ timeUs, level, event, message, ...(data && { data }) });
  }

  /** What a run's alarms tell. */
  alerting(environment: AlertingChoices['environment']): AlertingChoices {
    return {
      environment,
      onStateChange: (change) => {
        const event = alarmEvent(change);
        if (event !== undefined) this.board.event(event);
      },
      onNotifyLog: (level, message, data) => {
        const levels = { info: 'debug', warn: 'warning', error: 'error' } as const;
        this.event(levels[level], 'notify', message, { ...data });
      },
    };
  }

  /** Begins to show: first a run that starts, then what `attach` names. */
  open(): void {
    if (this.#screen !== undefined) this.#every('draw', DRAW_MS, () => this.#draw());
    else this.#every('print', this.#options.statusEveryMs, () => this.#print(statusLine(this.view())));
    this.#every('log', LOG_STATUS_MS, () => this.#options.log.append(statusLine(this.view())));
    this.#every('lag', LAG_MS, () => this.#readLag());
    this.#draw();
  }

  attach(run: ObservedRun): void {
    this.#run = run;
  }

  stopping(): void {
    if (this.board.phase !== 'running') return;
    this.board.phase = 'stopping';
    this.event('info', 'stopping', 'Stopping: what was received is drained first.');
    this.#draw();
  }

  view(): MonitorView {
    return this.board.view({
      nowUs: this.#options.clock.nowUs(),
      ingest: this.#run?.status() ?? null,
      lagRecords: this.#lagRecords,
      progress: this.#run?.progress() ?? null,
      alarms: this.#run?.alarms?.() ?? [],
    });
  }

  /** Shows the last state, gives the terminal back and ends. */
  close(phase: 'stopped' | 'finished'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.board.phase = phase;
    // Read a second ago, it would tell of a backlog that is gone.
    this.#lagRecords = phase === 'finished' ? 0 : null;
    for (const timer of this.#timers.values()) timer.cancel();
    const view = this.view();
    this.#options.log.append(statusLine(view));
    this.#options.log.close();
    if (this.#screen === undefined) this.#print(statusLine(view));
    else this.#screen.close(renderMonitor(view, { ...this.#screen.size, rows: 200 }).slice(0, -2));
  }

  /** Gives the terminal back at once, for an end that waits for nothing. It may be called at any time. */
  abandon(): void {
    this.#isClosed = true;
    this.#screen?.close();
  }

  #draw(): void {
    if (this.#screen !== undefined && !this.#isClosed)
      this.#screen.draw(renderMonitor(this.view(), this.#screen.size));
  }

  #tell(event: RunEvent): void {
    const line = eventLine(event);
    this.#options.log.append(line);
    if (this.#screen === undefined && event.level !== 'debug') this.#print(line);
  }

  #print(line: string): void {
    this.#options.out.write(`${line}\n`);
  }

  #readLag(): void {
    this.#run?.lagRecords().then(
      (records) => {
        this.#lagRecords = records;
      },
      () => {
        this.#lagRecords = null;
      },
    );
  }

  #every(name: string, everyMs: Millis, task: () => void): void {
    this.#timers.set(
      name,
      this.#options.clock.after(everyMs, () => {
        if (this.#isClosed) return;
        task();
        this.#every(name, everyMs, task);
      }),
    );
  }
}
