import { CodedError } from '../../../shared/coded-error.ts';

/** What the environment lacks or says so that nothing of a real account is reached or asked for. */
export type EmulatorEnvironment = Readonly<Record<string, string | undefined>>;

/** The one region of the local run; an emulator keeps what it holds apart by region. */
export const EMULATOR_REGION = 'us-east-1';

/** Reads `AWS_ENDPOINT_URL`. Fails with `NO_EMULATOR` where it names none, or AWS itself. */
export function emulatorEndpoint(text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp || /\.amazonaws\.com(\.cn)?$/.test(url.hostname)) {
    throw new CodedError(
      'NO_EMULATOR',
      `AWS_ENDPOINT_URL is "${text ?? ''}". Set it to the emulator, such as http://127.0.0.1:4566; docker compose up starts one.`,
    );
  }
  return url;
}

/**
 * The environment in which the CDK's command line and the SDK talk to an emulator and to nothing else. `address` is
 * the IPv4 address of the endpoint's host, `home` a folder for what the CDK remembers.
 */
export function emulatorEnvironment(endpoint: URL, address: string, home: string): EmulatorEnvironment {
  const byAddress = new URL(endpoint);
  // A name would become bucket.name, which nobody resolves; a certificate is for the name.
  if (endpoint.protocol === 'http:') byAddress.hostname = address;
  return {
    AWS_ENDPOINT_URL: endpoint.origin,
    AWS_ENDPOINT_URL_S3: byAddress.origin,
    // Where CloudFormation is told to find the template. Emulators read bucket and key off this path and ask nobody;
    // off their own address moto takes the wrong part for the bucket.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `https://s3.${EMULATOR_REGION}.amazonaws.com`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_DEFAULT_PROFILE: undefined,
    AWS_REGION: EMULATOR_REGION,
    AWS_DEFAULT_REGION: EMULATOR_REGION,
    // The CDK remembers the account of a key, and every emulator has another account for the same key.
    CDK_HOME: home,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}
