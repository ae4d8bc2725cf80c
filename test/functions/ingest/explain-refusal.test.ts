import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainRefusal, type FailureFacts } from '../../../functions/ingest/explain-refusal.ts';

const COM = 'wss://stream.binance.com:9443/stream';
const VISION = 'wss://data-stream.binance.vision/stream';
const REST = 'https://api.binance.com/api/v3/time';

const CASES: readonly [url: string, facts: FailureFacts, code: string, says: RegExp][] = [
  [COM, { status: 451 }, 'RESTRICTED_LOCATION', /BINANCE_STREAM_URL=wss:\/\/data-stream\.binance\.vision/],
  [VISION, { status: 451 }, 'RESTRICTED_LOCATION', /binance\.us/],
  [REST, { status: 451 }, 'RESTRICTED_LOCATION', /BINANCE_REST_URL=https:\/\/data-api\.binance\.vision/],
  [REST, { status: 403 }, 'FIREWALL', /firewall/],
  [COM, { status: 407 }, 'PROXY', /login/],
  [REST, { status: 418, retryAfterS: 120 }, 'BANNED', /wait 120 s/],
  [REST, { status: 429, retryAfterS: 7 }, 'TOO_MANY_REQUESTS', /wait 7 s/],
  [REST, { status: 404 }, 'NOT_SERVED', /historicalTrades/],
  [COM, { status: 414 }, 'ADDRESS_TOO_LONG', /fewer symbols/],
  [REST, { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' }, 'UNKNOWN_SYMBOL', /SYMBOLS/],
  [REST, { status: 401, body: '{"code":-2015,"msg":"x"}' }, 'KEY_NEEDED', /API key/],
  [REST, { status: 400, body: 'odd' }, 'REFUSED', /odd/],
  [REST, { status: 503 }, 'EXCHANGE_FAULT', /tried again/],
  [COM, { errorCode: 'ENOTFOUND' }, 'DNS', /stream\.binance\.com:9443 could not be resolved/],
  [COM, { errorCode: 'EAI_AGAIN', proxySet: true }, 'DNS', /proxy is set/],
  [COM, { errorCode: 'ECONNREFUSED' }, 'CONNECTION_REFUSED', /nothing listens/],
  [COM, { errorCode: 'ETIMEDOUT' }, 'TIMEOUT', /firewall/],
  [COM, { errorMessage: 'Opening handshake has timed out' }, 'TIMEOUT', /in time/],
  [COM, { errorCode: 'ENETUNREACH' }, 'UNREACHABLE', /NAT/],
  [COM, { errorCode: 'CERT_HAS_EXPIRED' }, 'TLS', /NODE_EXTRA_CA_CERTS/],
  [COM, { errorCode: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'TLS', /company proxy/],
  [COM, { errorCode: 'EPROTO', errorMessage: 'SSL routines:wrong version number' }, 'TLS', /certificate/],
  [COM, { errorCode: 'ECONNRESET' }, 'CONNECTION_RESET', /WebSockets/],
  ['wss//x', { errorCode: 'ERR_INVALID_URL' }, 'BAD_ADDRESS', /not an address/],
  [COM, {}, 'UNREACHED', /no reason was given/],
];

describe('explainRefusal', () => {
  for (const [url, facts, code, says] of CASES)
    it(`calls ${JSON.stringify(facts)} ${code}`, () => {
      const refusal = explainRefusal(url, facts);
      assert.equal(refusal.code, code);
      assert.match(refusal.message, says);
    });

  it('says of what cannot change by itself that trying again is no use', () => {
    assert.equal(explainRefusal(COM, { status: 451 }).canRetry, false);
    assert.equal(explainRefusal(COM, { errorCode: 'ECONNREFUSED' }).canRetry, true);
  });
});
