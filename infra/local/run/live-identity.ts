import type { FeedIdentity } from '../data-folder/feed-claim.ts';

/** Hosts of Binance.com: whichever serves the streams, the trade ids are the same. */
const BINANCE_COM = /(^|\.)(binance\.com|binance\.vision)$/;

/**
 * The identity of a live feed. Another exchange counts its trades apart, so it has a folder of its own; the
 * testnets of Binance.com too.
 */
export function liveIdentity(streamUrl: string): FeedIdentity {
  const { hostname } = new URL(streamUrl);
  const isBinanceCom = BINANCE_COM.test(hostname) && !hostname.includes('testnet');
  return { kind: 'live', of: isBinanceCom ? null : hostname, description: streamUrl };
}
