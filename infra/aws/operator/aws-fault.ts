import { CodedError } from '../../../shared/coded-error.ts';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * A failed call of the SDK as an error that says what to do: `AWS_CREDENTIALS`, `AWS_REGION`, `AWS_DENIED`,
 * `AWS_UNREACHABLE`, else `AWS_FAILED`. `what` completes the sentence "AWS would not …".
 */
export function awsFault(error: unknown, what: string): CodedError {
  if (error instanceof CodedError) return error;
  const name = error instanceof Error ? error.name : '';
  const said = error instanceof Error ? error.message : String(error);
  const code = typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code') ?? '') : '';
  const fault = (kind: string, message: string, canRetry = false): CodedError =>
    new CodedError(kind, message, { cause: error, canRetry });
  if (said === 'Region is missing') {
    return fault('AWS_REGION', 'No region is chosen. Set AWS_REGION, or a region in the AWS profile.');
  }
  if (UNREACHABLE.has(code) || name === 'TimeoutError') {
    return fault('AWS_UNREACHABLE', `AWS cannot be reached: ${said || code} Try again.`, true);
  }
  if (/AccessDenied|UnauthorizedOperation/.test(name)) {
    return fault('AWS_DENIED', `These credentials may not ${what}: ${said}`);
  }
  if (/Credential|Token|UnrecognizedClient|InvalidSignature|SSO/.test(name)) {
    return fault(
      'AWS_CREDENTIALS',
      `AWS does not take the credentials: ${said} Sign in first (aws sso login).`,
    );
  }
  return fault('AWS_FAILED', `AWS would not ${what}: ${name} ${said}`);
}
