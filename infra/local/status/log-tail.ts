import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';
import type { Millis } from '../../../shared/units.ts';
import { MONITOR_LOG } from '../run/monitor-log.ts';

/** The most that is read backwards for the last lines. */
const TAIL_BYTES = 1_000_000;
const CHUNK_BYTES = 65_536;

/** The last lines that a run has written to its data folder, the oldest first; empty where it wrote none. */
export async function lastLogLines(dir: string, count: number): Promise<readonly string[]> {
  return await linesBefore(dir, count, Number.POSITIVE_INFINITY);
}

async function linesBefore(dir: string, count: number, end: number): Promise<readonly string[]> {
  const path = join(dir, MONITOR_LOG);
  const newer = await tail(path, end);
  const lines = newer.length >= count ? newer : [...(await tail(`${path}.1`)), ...newer];
  return count <= 0 ? [] : lines.slice(-count);
}

/**
 * Gives the last lines and then every one that is written, until the signal; none is missed between, nor given
 * twice. It follows the file through its rotation. A line still being written is given when it is whole.
 */
export async function followLog(
  dir: string,
  options: {
    readonly onLine: (line: string) => void;
    /** How many of the lines that are there already. @default 0 */
    readonly last?: number;
    readonly signal: AbortSignal;
    readonly clock: Clock;
    /** @default 250 */
    readonly everyMs?: Millis;
  },
): Promise<void> {
  const { onLine, signal, clock, last = 0, everyMs = 250 } = options;
  const path = join(dir, MONITOR_LOG);
  let file = await openOr(path);
  let offset = file === undefined ? 0 : (await file.stat()).size;
  let rest = Buffer.alloc(0);
  for (const line of await linesBefore(dir, last, offset)) onLine(line);
  const drain = async (from: FileHandle): Promise<void> => {
    for (;;) {
      const { bytesRead, buffer } = await from.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      const lines = splitLines(Buffer.concat([rest, buffer.subarray(0, bytesRead)]));
      rest = lines.rest;
      for (const line of lines.whole) onLine(line);
    }
  };
  try {
    while (!signal.aborted) {
      if (file !== undefined) await drain(file);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.ino !== (await file?.stat())?.ino) {
        // The rest of the old file first: lines may have come between the read and the rotation.
        if (file !== undefined) await drain(file);
        await file?.close();
        file = await openOr(path);
        offset = 0;
        rest = Buffer.alloc(0);
        continue;
      }
      await pause(clock, everyMs, signal);
    }
  } finally {
    await file?.close();
  }
}

async function tail(path: string, end = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  const file = await openOr(path);
  if (file === undefined) return [];
  try {
    const size = Math.min(end, (await file.stat()).size);
    const length = Math.min(size, TAIL_BYTES);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const { whole } = splitLines(buffer.subarray(0, bytesRead));
    return length < size ? whole.slice(1) : whole;
  } finally {
    await file.close();
  }
}

function splitLines(bytes: Buffer): {
  readonly whole: readonly string[];
  readonly rest: Buffer<ArrayBuffer>;
} {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const whole = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return { whole, rest: Buffer.from(bytes.subarray(end)) };
}

function openOr(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined);
}

function pause(clock: Clock, delayMs: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(delayMs, resolve);
    signal.addEventListener(
      'abort',
      () => {
        timer.cancel();
        resolve();
      },
      { once: true },
    );
  });
}
