import type { TimeUnit } from '../market/binance-json.ts';

/** What a stream URL asks for. */
export interface StreamPath {
  readonly streams: readonly string[];
  /** Whether messages come in the envelope `{"stream":…,"data":…}`. */
  readonly combined: boolean;
  readonly unit: TimeUnit;
}

/**
 * `/ws/<name>` and `/stream?streams=a/b/c`, either with `timeUnit=MICROSECOND`; without names the client
 * subscribes later. Undefined for any other path.
 */
export function parseStreamPath(url: string): StreamPath | undefined {
  const { pathname, searchParams } = new URL(url, 'ws://localhost');
  const unit = /^microsecond$/i.test(searchParams.get('timeUnit') ?? '') ? 'us' : 'ms';
  const names = (text: string): string[] => text.split('/').filter((name) => name !== '');
  if (pathname === '/stream' || pathname === '/stream/') {
    return { streams: names(searchParams.get('streams') ?? ''), combined: true, unit };
  }
  if (pathname !== '/ws' && !pathname.startsWith('/ws/')) return undefined;
  return { streams: names(decodeURIComponent(pathname.slice(3))), combined: false, unit };
}
