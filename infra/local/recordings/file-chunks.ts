import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../../../shared/coded-error.ts';

const PLAIN_CHUNK_BYTES = 256 * 1024;
const GZIP_CHUNK_BYTES = 16 * 1024;

/** How a file is read. */
export interface ChunkOptions {
  readonly gzip: boolean;
  /** Told once, with the reason, where the file ends before its time; all that could be read has been given by then. */
  readonly onCut: (why: string) => void;
}

/**
 * The bytes of a file, unpacked where it is gzip, in chunks. A gzip file that is cut or corrupt gives every
 * byte before the fault and then ends.
 * @throws CodedError `RECORDING_UNREADABLE` where the file itself cannot be read.
 */
export async function* fileChunks(path: string, options: ChunkOptions): AsyncGenerator<Buffer> {
  if (!options.gzip) {
    yield* diskChunks(path, PLAIN_CHUNK_BYTES);
    return;
  }
  const first = yield* unpack(path, 0, Number.POSITIVE_INFINITY);
  if (first === undefined) return;
  // zlib drops what it unpacked of the faulty chunk; going over it again byte by byte saves that.
  const second = yield* unpack(path, first.givenBytes, first.readBytes);
  options.onCut((second ?? first).why);
}

interface Fault {
  readonly why: string;
  /** Packed bytes read before the faulty chunk. */
  readonly readBytes: number;
  /** Unpacked bytes given. */
  readonly givenBytes: number;
}

async function* unpack(
  path: string,
  skipBytes: number,
  fineFrom: number,
): AsyncGenerator<Buffer, Fault | undefined> {
  const gunzip = createGunzip();
  let unpacked: Buffer[] = [];
  let fault: Error | undefined;
  let wake = (): void => {};
  gunzip.on('data', (chunk: Buffer) => unpacked.push(chunk));
  gunzip.on('error', (error) => {
    fault = error;
    wake();
  });
  const step = (act: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      act(resolve);
    });
  let readBytes = 0;
  let skip = skipBytes;
  let givenBytes = skipBytes;
  const take = function* (): Generator<Buffer> {
    for (const chunk of unpacked) {
      const wanted = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - wanted.length;
      givenBytes += wanted.length;
      if (wanted.length > 0) yield wanted;
    }
    unpacked = [];
  };
  try {
    for await (const chunk of diskChunks(path, GZIP_CHUNK_BYTES)) {
      for (const piece of pieces(chunk, readBytes, fineFrom)) {
        await step((done) => gunzip.write(piece, () => done()));
        yield* take();
        if (fault !== undefined) return { why: reason(fault), readBytes, givenBytes };
      }
      readBytes += chunk.length;
    }
    await step((done) => {
      gunzip.once('end', done);
      gunzip.end();
    });
    yield* take();
    return fault === undefined ? undefined : { why: reason(fault), readBytes, givenBytes };
  } finally {
    gunzip.destroy();
  }
}

function* pieces(chunk: Buffer, at: number, fineFrom: number): Generator<Buffer> {
  if (at < fineFrom) {
    yield chunk;
    return;
  }
  for (let index = 0; index < chunk.length; index += 1) yield chunk.subarray(index, index + 1);
}

function reason(fault: Error): string {
  return fault.message === 'unexpected end of file'
    ? 'the gzip data is cut'
    : `the gzip data is corrupt (${fault.message})`;
}

async function* diskChunks(path: string, sizeBytes: number): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: sizeBytes })) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
  } catch (cause) {
    throw new CodedError('RECORDING_UNREADABLE', `Cannot read ${path}: ${String(cause)}`, {
      cause,
      data: { path },
    });
  }
}
