/** Why a connection or request did not come about, in words for the person who runs the monitor. */
export interface Refusal {
  /** Stable, such as `RESTRICTED_LOCATION`. */
  readonly code: string;
  /** What happened and what to do next. */
  readonly message: string;
  /** Whether trying again unchanged may help. */
  readonly canRetry: boolean;
}

/** What is known of a failure; every field may be missing. */
export interface FailureFacts {
  /** The HTTP status of the answer (to the upgrade, or to a REST call). */
  readonly status?: number;
  /** Node's error code, such as `ENOTFOUND`. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The body of the answer. */
  readonly body?: string;
  /** Seconds of the `Retry-After` header. */
  readonly retryAfterS?: number;
  /** Whether a proxy is set in the environment. */
  readonly proxySet?: boolean;
}

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const TIMEOUT = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'TIMEOUT']);
const UNREACHABLE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL']);

/** Turns what is known of a failure to reach `url` into a refusal that says what to do. Pure. */
export function explainRefusal(url: string, facts: FailureFacts): Refusal {
  const host = hostOf(url);
  if (facts.status !== undefined) return explainStatus(host, url, facts.status, facts);
  const code = facts.errorCode ?? '';
  const said = facts.errorMessage ?? '';
  const proxy = facts.proxySet
    ? ' A proxy is set in the environment; WebSockets do not go through it here: connect directly, or set BINANCE_STREAM_URL to an address that the proxy serves.'
    : '';
  if (DNS.has(code))
    return {
      code: 'DNS',
      message: `The name ${host} could not be resolved (${code}). Check the network, the DNS server and the spelling of the address.${proxy}`,
      canRetry: true,
    };
  if (code === 'ECONNREFUSED')
    return {
      code: 'CONNECTION_REFUSED',
      message: `${host} refused the connection: nothing listens at that address and port. Check the address; for the local exchange, that it runs.${proxy}`,
      canRetry: true,
    };
  if (TIMEOUT.has(code) || /handshake has timed out/i.test(said))
    return {
      code: 'TIMEOUT',
      message: `${host} did not answer in time. A firewall may drop the packets: outgoing port 443 (and 9443 for stream.binance.com:9443) must be open.${proxy}`,
      canRetry: true,
    };
  if (UNREACHABLE.has(code))
    return {
      code: 'UNREACHABLE',
      message: `There is no route to ${host} (${code}). Check the network: a task in a private subnet needs a NAT, one in a public subnet a public address.${proxy}`,
      canRetry: true,
    };
  if (isTls(code, said))
    return {
      code: 'TLS',
      message: `The certificate of ${host} was not accepted (${code || said}). Check the clock of this machine; where a company proxy opens TLS, give Node its certificate with NODE_EXTRA_CA_CERTS.`,
      canRetry: true,
    };
  if (code === 'ERR_INVALID_URL' || said.startsWith('Invalid URL'))
    return {
      code: 'BAD_ADDRESS',
      message: `"${url}" is not an address. BINANCE_STREAM_URL wants wss://host[:port], BINANCE_REST_URL https://host[:port].`,
      canRetry: false,
    };
  if (code === 'ECONNRESET' || code === 'EPIPE' || /socket hang up/i.test(said))
    return {
      code: 'CONNECTION_RESET',
      message: `${host} cut the connection while it was being opened. It may be restarting, or a firewall or proxy between does not let WebSockets through.${proxy}`,
      canRetry: true,
    };
  return {
    code: 'UNREACHED',
    message: `${host} could not be reached: ${said || code || 'no reason was given'}.${proxy}`,
    canRetry: true,
  };
}

function explainStatus(host: string, url: string, status: number, facts: FailureFacts): Refusal {
  const after = facts.retryAfterS === undefined ? '' : ` It asks to wait ${facts.retryAfterS} s.`;
  switch (status) {
    case 451:
      return {
        code: 'RESTRICTED_LOCATION',
        message: `${host} does not serve this location (HTTP 451). ${elsewhere(host, url)}`,
        canRetry: false,
      };
    case 403:
      return {
        code: 'FIREWALL',
        message: `${host} refused the request (HTTP 403): its firewall, or a proxy between, does not let it through. Try again later or from another address.`,
        canRetry: true,
      };
    case 407:
      return {
        code: 'PROXY',
        message:
          'A proxy between wants a login (HTTP 407). Give it in the proxy setting, or connect directly.',
        canRetry: false,
      };
    case 418:
      return {
        code: 'BANNED',
        message: `${host} has banned this address for too many requests (HTTP 418).${after} Nothing is asked until then.`,
        canRetry: true,
      };
    case 429:
      return {
        code: 'TOO_MANY_REQUESTS',
        message: `${host} wants fewer requests (HTTP 429).${after}`,
        canRetry: true,
      };
    case 404:
      return {
        code: 'NOT_SERVED',
        message: `${host} does not know this path (HTTP 404). Check BINANCE_STREAM_URL and BINANCE_REST_URL: data-api.binance.vision serves no historicalTrades, and a stream address has no path of its own.`,
        canRetry: false,
      };
    case 414:
      return {
        code: 'ADDRESS_TOO_LONG',
        message: `${host} found the address too long (HTTP 414). Watch fewer symbols per process.`,
        canRetry: false,
      };
    default:
      return explainAnswer(host, status, facts.body ?? '');
  }
}

function explainAnswer(host: string, status: number, body: string): Refusal {
  if (/"code"\s*:\s*-1121\b/.test(body))
    return {
      code: 'UNKNOWN_SYMBOL',
      message: `${host} knows no such symbol (-1121). Check SYMBOLS.`,
      canRetry: false,
    };
  if (/"code"\s*:\s*-201[45]\b/.test(body))
    return { code: 'KEY_NEEDED', message: `${host} wants an API key for this call.`, canRetry: false };
  const said = body === '' ? '' : `: ${body.slice(0, 200)}`;
  if (status >= 500)
    return {
      code: 'EXCHANGE_FAULT',
      message: `${host} has a fault of its own (HTTP ${status})${said}. It is tried again.`,
      canRetry: true,
    };
  return {
    code: 'REFUSED',
    message: `${host} refused the request (HTTP ${status})${said}.`,
    canRetry: status === 408,
  };
}

/** The endpoint to use instead of one that does not serve this location. */
function elsewhere(host: string, url: string): string {
  const stream = url.startsWith('ws');
  if (host.endsWith('binance.vision'))
    return 'Set BINANCE_STREAM_URL and BINANCE_REST_URL to an exchange that does, such as wss://stream.binance.us:9443 and https://api.binance.us.';
  return stream
    ? 'Set BINANCE_STREAM_URL=wss://data-stream.binance.vision (market data only, no key), or run in another region.'
    : 'Set BINANCE_REST_URL=https://data-api.binance.vision (market data only, repair by aggregates), or run in another region.';
}

function isTls(code: string, said: string): boolean {
  return (
    /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_)/.test(code) ||
    code === 'EPROTO' ||
    /certificate|SSL routines|TLS/i.test(said)
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
