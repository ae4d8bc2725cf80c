import { ingestStatus } from '../../../functions/ingest/ingest-status.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import type { Micros } from '../../../shared/units.ts';
import type { Pipeline } from '../pipeline/start-pipeline.ts';
import type { Recording } from '../recordings/recording.ts';
import type { ReplaySummary } from '../replay/replay-summary.ts';
import { runReplay } from '../replay/run-replay.ts';
import type { RunObserver } from './run-observer.ts';

/** A recording to be replayed before a person's eyes. */
export interface RecordingRun {
  readonly recording: Recording;
  readonly description: string;
  readonly dir: string;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly speed: number | 'max';
  readonly again: boolean;
  readonly observer: RunObserver;
  readonly signal: AbortSignal;
}

/** Replays a recording while the observer shows its progress; the summary is that of the replay command. */
export async function runRecording(run: RecordingRun): Promise<ReplaySummary> {
  const { observer, recording, ...options } = run;
  let pipeline: Pipeline | undefined;
  let timeUs: Micros = 0;
  let frames = 0;
  return await runReplay({
    ...options,
    recording,
    watch: observer.watch,
    report: (report) => observer.report(report),
    onPipeline: (started) => {
      pipeline = started;
      observer.board.storeEndpoint = started.timestreamEndpoint;
    },
    onProgress: (progress) => {
      frames = progress.frames;
    },
    onStart: (ingest, clock) => {
      let failed = false;
      ingest.done.catch(() => {
        failed = true;
      });
      observer.attach({
        status: () => ingestStatus(ingest, clock.nowUs(), failed).status,
        lagRecords: async () =>
          (await (pipeline?.lag() ?? Promise.resolve([]))).reduce((sum, { records }) => sum + records, 0),
        progress: () => {
          timeUs = Math.max(timeUs, clock.nowUs());
          frames = Math.max(frames, ingest.intake.counts.frames);
          return { frames, totalFrames: recording.frames, timeUs, speed: run.speed };
        },
      });
    },
  });
}
