import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.MARKET_RECORDINGS ?? join(import.meta.dirname, '..', '..', 'shared', 'recordings');

/** The folder of recorded market data; undefined where there is none. */
export const recordings: string | undefined = existsSync(join(folder, 'SHA256SUMS')) ? folder : undefined;

/** For the `skip` option of a test that needs the recordings: why it was left out, or false. */
export const skipWithoutRecordings: string | false =
  recordings === undefined ? `no recordings at ${folder}; MARKET_RECORDINGS names another folder` : false;
