/** What a command that was told to stop ends with where its work is not done. */
const STOP_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a replay says that was told to stop. */
export const STOPPED_EARLY =
  'Stopped before the end of the recording. The same command on the same folder goes on from there.';

/**
 * Ctrl-C and SIGTERM: the first ends the run in order, the second ends the process at once, after `abandon` has
 * given the terminal back.
 */
export function onStopSignals(stop: (code: number) => void, abandon: () => void): void {
  let isStopping = false;
  for (const [signal, code] of Object.entries(STOP_CODES))
    process.on(signal, () => {
      if (isStopping) {
        abandon();
        process.exit(code);
      }
      isStopping = true;
      stop(code);
    });
}
