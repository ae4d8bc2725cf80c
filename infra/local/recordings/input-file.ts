import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CodedError } from '../../../shared/coded-error.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { parseCsvHeader, readCsvRows } from './csv-rows.ts';
import { fileChunks } from './file-chunks.ts';
import { parseLineStart, readFrameLines } from './frame-lines.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Reader } from './read-context.ts';
import { parseRestFileName, readRestKlines, readRestTrades } from './rest-answers.ts';

const SNIFFED_BYTES = 64 * 1024;

/** A file of a recording and how it is read. */
export interface InputFile {
  readonly path: string;
  readonly gzip: boolean;
  readonly reader: Reader;
  /** The symbol that the file's name tells, for REST answers. */
  readonly namedSymbol: MarketSymbol | undefined;
  /** REST klines come after the trades of the same time. */
  readonly last: boolean;
  /** What a place in it counts. */
  readonly unit: 'line' | 'element';
}

/** The files behind the paths, and those of a folder that were left out because no format fits them. */
export interface Inputs {
  readonly files: readonly InputFile[];
  readonly leftOut: readonly string[];
}

/**
 * Finds the files of a recording. A folder stands for the files in it, by name; what no format fits is left
 * out there, but refused where it was named itself.
 * @throws CodedError `RECORDING_MISSING`, `RECORDING_FORMAT_UNKNOWN`, `RECORDING_UNREADABLE`.
 */
export async function findInputs(paths: readonly string[]): Promise<Inputs> {
  const files: InputFile[] = [];
  const leftOut: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new CodedError(
        'RECORDING_MISSING',
        `There is no recording at ${path}. Give a file or a folder.`,
        {
          cause,
          data: { path },
        },
      );
    });
    if (!found.isDirectory()) {
      files.push((await recognise(path)) ?? refuse(path));
      continue;
    }
    const before = files.length;
    for (const name of (await readdir(path)).sort()) {
      const inner = join(path, name);
      if (name.startsWith('.') || !(await stat(inner)).isFile()) continue;
      const file = await recognise(inner);
      if (file === undefined) leftOut.push(inner);
      else files.push(file);
    }
    if (files.length === before) refuse(path);
  }
  return { files, leftOut };
}

function refuse(path: string): never {
  throw new CodedError(
    'RECORDING_FORMAT_UNKNOWN',
    `${path} holds nothing that can be replayed: lines of a receive time and a frame, a CSV of trades with its header, or trades*.json and klines*.json of the REST API, each also as .gz.`,
    { data: { path } },
  );
}

async function recognise(path: string): Promise<InputFile | undefined> {
  const gzip = await isGzip(path);
  const start = await firstBytes(path, gzip);
  const rest = parseRestFileName(basename(path));
  const text = start.toString('latin1').trimStart();
  if (rest !== undefined && text.startsWith('[')) {
    const klines = rest.answer === 'klines';
    const reader = klines ? readRestKlines : readRestTrades;
    return { path, gzip, reader, namedSymbol: rest.symbol, last: klines, unit: 'element' };
  }
  const splitter = new LineSplitter();
  const lines = splitter.push(start).map((line) => line.bytes);
  const unfinished = splitter.end();
  if (unfinished !== undefined) lines.push(unfinished.bytes);
  const lineFile = { path, gzip, namedSymbol: undefined, last: false, unit: 'line' as const };
  const [header] = lines;
  if (header !== undefined && parseCsvHeader(header.toString('utf8')) !== undefined) {
    return { ...lineFile, reader: readCsvRows };
  }
  return lines.some((line) => parseLineStart(line) !== undefined)
    ? { ...lineFile, reader: readFrameLines }
    : undefined;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw new CodedError('RECORDING_UNREADABLE', `Cannot read ${path}: ${String(cause)}`, {
      cause,
      data: { path },
    });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function firstBytes(path: string, gzip: boolean): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of fileChunks(path, { gzip, onCut: () => {} })) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= SNIFFED_BYTES) break;
  }
  return Buffer.concat(parts);
}
