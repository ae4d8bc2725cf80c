import { type Finding, fault } from '../finding.ts';
import { errorChain, systemCode } from './error-chain.ts';

/** Names of the errors by which AWS, or the SDK before it, turns credentials down. */
const CREDENTIALS = /Credential|Token|UnrecognizedClient|Signature|InvalidAccessKey|RequestExpired/;
const UNREACHABLE = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

/** Neither a variable nor the profile names a region. */
export const NO_REGION = fault(
  'NO_REGION',
  'No region is chosen. Set AWS_REGION, or a region in the AWS profile.',
);

/** Codes of findings after which asking more of the account tells nothing. */
export const NOT_ASKABLE: ReadonlySet<string> = new Set([
  NO_REGION.code,
  'NO_CREDENTIALS',
  'NO_NETWORK',
  'STORE_NOT_IN_REGION',
  'STORE_CLOSED',
]);

/** What stands between this machine and AWS, as far as an error tells it; undefined where AWS was reached. */
export function accessFault(error: unknown): Finding | undefined {
  const chain = errorChain(error);
  const refused = chain.find(({ name }) => CREDENTIALS.test(name));
  if (refused !== undefined) {
    return fault(
      'NO_CREDENTIALS',
      `AWS does not take the credentials (${refused.name}: ${refused.message}). Sign in first (aws sso login), ` +
        'and name the profile by --profile or AWS_PROFILE.',
    );
  }
  const lost = chain.find((link) => UNREACHABLE.test(systemCode(link)) || link.name === 'TimeoutError');
  if (lost === undefined) return undefined;
  return fault('NO_NETWORK', `AWS cannot be reached: ${systemCode(lost)} ${lost.message}`);
}
