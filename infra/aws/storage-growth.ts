import { LOG_BYTES, messagesASecond } from './cost/traffic.ts';
import type { Deployment } from './deployment.ts';

const GIB = 1_073_741_824;

/** MSK lets a disk grow once in six hours, by 10 GiB or a tenth of it, whichever is more. */
const BETWEEN_GROWTHS_SECONDS = 6 * 3_600;

/** Busy hours, and days that nobody expected. */
const ROOM = 2;

/**
 * The storage per broker to begin with, where that of the deployment would fill faster than MSK lets it grow; null
 * where it is enough. By the average traffic of `traffic.ts`, twice over.
 * @see https://docs.aws.amazon.com/msk/latest/developerguide/msk-autoexpand-details.html
 */
export function storageWanted({ size, symbols, streams }: Deployment): number | null {
  const { broker, replication } = size;
  if (broker.storageGib === null) return null;
  const messages = messagesASecond(symbols.length, streams).all;
  const bytes = messages * (LOG_BYTES.raw + LOG_BYTES.validated) * BETWEEN_GROWTHS_SECONDS * ROOM;
  const writtenGib = ((bytes / GIB) * replication) / broker.count;
  const { least, most } = broker.storageGib;
  if (least === most || writtenGib <= Math.max(10, least / 10)) return null;
  return Math.min(16_384, Math.ceil(writtenGib) * 10);
}
