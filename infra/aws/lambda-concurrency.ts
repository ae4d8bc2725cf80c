import { createHash, createHmac } from 'node:crypto';
import { CodedError } from '../../shared/coded-error.ts';

/** The part of Lambda's `GetAccountSettings` that a deployment depends on, in concurrent executions. */
export interface LambdaConcurrency {
  /** The account's quota in the region. */
  readonly limit: number;
  /** What of it no function has reserved. */
  readonly unreserved: number;
}

/** Credentials as every client of the SDK has them. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Asks Lambda for the account's concurrency, by one signed request: a client of its own for one call is not worth
 * its size. Fails with `LAMBDA_SETTINGS`.
 */
export async function askLambdaConcurrency(deps: {
  readonly region: string;
  readonly credentials: SigningCredentials;
  readonly fetch: (url: string, init: { headers: Record<string, string> }) => Promise<Response>;
  readonly now: Date;
}): Promise<LambdaConcurrency> {
  const host = `lambda.${deps.region}.amazonaws.com`;
  const path = '/2016-08-19/account-settings/';
  const signed = signedGet({ host, path, service: 'lambda', ...deps });
  const response = await deps.fetch(`https://${host}${path}`, { headers: signed });
  const text = await response.text();
  const limit = Number(/"ConcurrentExecutions"\s*:\s*(\d+)/.exec(text)?.[1]);
  const unreserved = Number(/"UnreservedConcurrentExecutions"\s*:\s*(\d+)/.exec(text)?.[1]);
  if (response.ok && Number.isInteger(limit) && Number.isInteger(unreserved)) return { limit, unreserved };
  throw new CodedError('LAMBDA_SETTINGS', `Lambda answers ${response.status}: ${text.slice(0, 300)}`);
}

/**
 * The headers of a GET without query and body, signed by Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export function signedGet(request: {
  readonly host: string;
  readonly path: string;
  readonly service: string;
  readonly region: string;
  readonly credentials: SigningCredentials;
  readonly now: Date;
}): Record<string, string> {
  const { host, path, service, region, credentials } = request;
  const at = request.now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = at.slice(0, 8);
  const headers: Record<string, string> = {
    host,
    'x-amz-date': at,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['GET', path, '', lines.join(''), names, sha256('')].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
