import { onNpmGone } from './parent-watch.ts';

/** What a command that was told to stop ends with where its work is not done: 128 and the signal's number. */
const STOP_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A wrapper may pass the Ctrl-C on that the terminal has sent already: that is no second one. */
const SAME_MS = 300;

/** What a replay says that was told to stop. */
export const STOPPED_EARLY =
  'Stopped before the end of the recording. The same command on the same folder goes on from there.';

/**
 * Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started it: the first ends the run in order, the
 * second ends the process at once. `abandon` gives the terminal back, at any end.
 */
export function onStopSignals(stop: (code: number) => void, abandon: () => void): void {
  let stoppedAtMs: number | undefined;
  const told = (code: number): void => {
    if (stoppedAtMs === undefined) {
      stoppedAtMs = performance.now();
      stop(code);
    } else if (performance.now() - stoppedAtMs > SAME_MS) {
      abandon();
      process.exit(code);
    }
  };
  for (const [signal, code] of Object.entries(STOP_CODES)) process.on(signal, () => told(code));
  onNpmGone(process.env, () => told(STOP_CODES.SIGTERM));
  // A fault must not leave a terminal without its cursor, nor its message on the screen that goes away.
  process.on('uncaughtExceptionMonitor', abandon);
  process.on('exit', abandon);
  // A reader that went away, such as head or a closed terminal, wants no more.
  process.stdout.on('error', () => {
    if (stoppedAtMs === undefined) told(STOP_CODES.SIGHUP);
  });
}
