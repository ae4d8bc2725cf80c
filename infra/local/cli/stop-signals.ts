/**
 * Ctrl-C and SIGTERM: the first ends the run in order, the second ends the process at once, after `abandon` has
 * given the terminal back.
 */
export function onStopSignals(stop: () => void, abandon: () => void): void {
  let isStopping = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.on(signal, () => {
      if (isStopping) {
        abandon();
        process.exit(code);
      }
      isStopping = true;
      stop();
    });
}
