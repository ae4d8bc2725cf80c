import { WsStreamSource } from '../../../functions/ingest/ws-stream-source.ts';
import { reportFailure } from '../../operator/cli-failure.ts';
import { claimFolder, defaultFolder, type FeedIdentity, feedOfFolder } from '../data-folder/feed-claim.ts';
import { requireFree } from '../data-folder/require-free.ts';
import { openRecording } from '../recordings/recording.ts';
import { chooseFeed } from '../run/choose-feed.ts';
import { liveIdentity } from '../run/live-identity.ts';
import { MonitorLog } from '../run/monitor-log.ts';
import { probeExchange } from '../run/probe-exchange.ts';
import { runFeed } from '../run/run-feed.ts';
import { RunObserver } from '../run/run-observer.ts';
import { runRecording } from '../run/run-recording.ts';
import { systemClock } from '../system-clock.ts';
import type { FeedView } from '../terminal/monitor-view.ts';
import { environmentWithFile } from './load-env-file.ts';
import { startHelp } from './start-help.ts';
import { type StartOptions, startOptions } from './start-options.ts';
import { onStopSignals, STOPPED_EARLY } from './stop-signals.ts';

/** Status lines of a run without a terminal: a replay is short, a feed runs for months. */
const STATUS_MS = { feed: 5_000, replay: 1_000 } as const;

type Kind<K> = Extract<StartOptions, { readonly kind: K }>;

const environment = environmentWithFile();
const stop = new AbortController();
let observer: RunObserver | undefined;

function observe(feed: FeedView, dir: string, symbols: readonly string[]): RunObserver {
  const facts = { feed, dataDir: dir, startedUs: systemClock.nowUs(), symbols };
  observer = new RunObserver({
    facts,
    clock: systemClock,
    out: process.stdout,
    environment,
    log: new MonitorLog(dir),
    statusEveryMs: feed.kind === 'replay' ? STATUS_MS.replay : STATUS_MS.feed,
  });
  observer.open();
  return observer;
}

async function startFeed({ wish, seed, settings, isPortNamed }: Kind<'feed'>): Promise<void> {
  const proxySet = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'].some((name) => Boolean(environment[name]));
  const source = new WsStreamSource({ clock: systemClock, proxySet });
  const held = settings.dataDir === null ? undefined : await feedOfFolder(settings.dataDir);
  const stream = `${(settings.symbols[0] ?? 'BTCUSDT').toLowerCase()}@trade`;
  const choice = await chooseFeed({
    wish,
    held,
    probe: () => {
      if (process.stderr.isTTY) process.stderr.write(`Looking for ${settings.streamUrl} …\n`);
      return probeExchange(settings.streamUrl, stream, { source, clock: systemClock });
    },
  });
  const identity: FeedIdentity =
    choice.kind === 'live'
      ? liveIdentity(settings.streamUrl)
      : { kind: 'simulated', of: String(seed), description: `simulated market of seed ${seed}` };
  const dir = settings.dataDir ?? defaultFolder(identity);
  await requireFree(dir, { clock: systemClock });
  await claimFolder(dir, identity);
  const watched = observe({ ...choice, description: identity.description }, dir, settings.symbols);
  if (choice.note !== null) watched.event('warning', 'feed', choice.note);
  await runFeed({
    kind: choice.kind,
    description: choice.kind === 'live' ? `live feed of ${identity.description}` : identity.description,
    seed,
    settings,
    environment,
    dir,
    isPortNamed,
    source,
    observer: watched,
    signal: stop.signal,
  });
}

async function startRecording(options: Kind<'recording'>): Promise<string> {
  const { paths, settings, symbols, streams, speed, again } = options;
  const recording = await openRecording(paths, {
    ...(symbols !== null && { symbols }),
    ...(streams !== null && { streams }),
  });
  const description = paths.join(' ');
  const identity: FeedIdentity = { kind: 'replay', of: recording.digest, description };
  const dir = settings.dataDir ?? defaultFolder(identity);
  await requireFree(dir, { clock: systemClock });
  await claimFolder(dir, identity);
  const watched = observe({ kind: 'replay', description, note: null }, dir, recording.symbols);
  for (const warning of recording.warnings) watched.event('warning', 'recording', warning);
  const summary = await runRecording({
    recording,
    description,
    dir,
    settings,
    environment,
    speed,
    again,
    observer: watched,
    signal: stop.signal,
  });
  return JSON.stringify(summary);
}

async function main(): Promise<void> {
  const options = startOptions(process.argv.slice(2), environment);
  if (options.kind === 'help') {
    process.stdout.write(startHelp());
    return;
  }
  let stopCode: number | undefined;
  onStopSignals(
    (code) => {
      stopCode = code;
      observer?.stopping();
      stop.abort();
    },
    () => observer?.abandon(),
  );
  if (options.kind === 'feed') {
    await startFeed(options);
    observer?.close('stopped');
    return;
  }
  const summary = await startRecording(options);
  observer?.close(stopCode === undefined ? 'finished' : 'stopped');
  process.stdout.write(`${summary}\n`);
  if (stopCode === undefined) return;
  process.stderr.write(`${STOPPED_EARLY}\n`);
  process.exitCode = stopCode;
}

try {
  await main();
} catch (error) {
  observer?.close('stopped');
  // What was started halfway may still listen; the process must not.
  process.exit(reportFailure(error, (line) => process.stderr.write(`${line}\n`)));
}
