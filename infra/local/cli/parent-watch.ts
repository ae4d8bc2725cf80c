const LOOK_MS = 250;

/**
 * Calls `gone` when the parent process ends, where npm started it: npm passes a SIGTERM to the shell between, which
 * dies of it without passing it on, and the monitor would run on unseen. Started by anything else it may outlive
 * its parent. It keeps no process alive.
 */
export function onNpmGone(environment: Readonly<Record<string, string | undefined>>, gone: () => void): void {
  if (environment.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    gone();
  }, LOOK_MS);
  look.unref();
}
