import { CodedError } from '../../../shared/coded-error.ts';
import { EMULATOR_REGION } from './emulator-environment.ts';

/** The services of an emulator that are asked without a client of the SDK. */
export interface EmulatorApi {
  /** Calls a service that speaks the query protocol with `Action`, `Version` and the fields; gives the XML. */
  query(service: QueryService, action: string, fields?: Readonly<Record<string, string>>): Promise<string>;
}

/** Services by the name they are signed for, with the version of their query protocol. */
const VERSIONS = {
  cloudformation: '2010-05-15',
  monitoring: '2010-08-01',
  sns: '2010-03-31',
  sts: '2011-06-15',
} as const;

export type QueryService = keyof typeof VERSIONS;

/**
 * An emulator's API. It finds the service by what a request is signed for and checks no signature, so there is none
 * here, and nothing else than an emulator would take these calls. Fails with `EMULATOR_REFUSED` and
 * `EMULATOR_UNREACHABLE`.
 */
export function emulatorApi(endpoint: string): EmulatorApi {
  return {
    query: async (service, action, fields = {}) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization: unsigned(service) },
        body: new URLSearchParams({ Action: action, Version: VERSIONS[service], ...fields }),
      }).catch((cause: unknown) => {
        throw new CodedError(
          'EMULATOR_UNREACHABLE',
          `Nothing answers at ${endpoint}. Start the emulator, or correct AWS_ENDPOINT_URL.`,
          { cause, canRetry: true },
        );
      });
      const body = await response.text();
      if (response.ok) return body;
      throw new CodedError(
        'EMULATOR_REFUSED',
        `${endpoint} refuses ${service} ${action}: ${/<Message>([^<]*)/.exec(body)?.[1] ?? body.slice(0, 500)}`,
        { data: { status: response.status } },
      );
    },
  };
}

/** The header that tells an emulator the service of a request. */
export function unsigned(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20240101/${EMULATOR_REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

/** The texts of an element in an answer, in their order. */
export function textsOf(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text ?? '');
}

/** All pages of a list, one XML after the other. */
export async function allPages(
  api: EmulatorApi,
  service: QueryService,
  action: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<string> {
  let xml = '';
  let token: string | undefined;
  do {
    const page = await api.query(service, action, { ...fields, ...(token && { NextToken: token }) });
    xml += page;
    [token] = textsOf(page, 'NextToken');
  } while (token !== undefined && token !== '');
  return xml;
}
