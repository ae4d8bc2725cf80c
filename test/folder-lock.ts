import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';

/** Does a task while no other test process holds the same lock, which is a folder; a stale one is taken over. */
export async function withFolderLock<T>(lock: string, task: () => Promise<T>): Promise<T> {
  await take(lock);
  try {
    return await task();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function take(lock: string): Promise<void> {
  const deadline = Date.now() + 600_000;
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch {
      const isStale = existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 600_000;
      if (isStale || Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
