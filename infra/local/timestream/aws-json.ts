import { type Fields, isObject } from './fields.ts';
import { invalid, type RejectedRecord, SERVICE_ERRORS, ServiceError } from './service-error.ts';

/** An answer on its way to the client. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Record versions have up to 19 digits and JSON.parse would round them, so they become texts first. This key
 * with its quotes cannot stand inside a JSON string, where every quote is escaped.
 */
const LONG_VERSION = /"Version"\s*:\s*(-?\d{16,})(?=\s*[,}])/g;

/** The body of a request; a `Version` of 16 or more digits comes as text. */
export function readBody(text: string): Fields {
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text.replace(LONG_VERSION, '"Version":"$1"'));
  } catch {
    throw new ServiceError('ValidationException', 'The request body is no JSON.');
  }
  if (!isObject(body)) throw invalid('The request body is no JSON object.');
  return body;
}

/** The answer to a call that went well. */
export function success(body: Fields): HttpAnswer {
  return { status: 200, body: JSON.stringify(body) };
}

/** The answer to a call that failed, in the form that AWS clients decode into their exception classes. */
export function failure(error: unknown): HttpAnswer {
  const known = error instanceof ServiceError ? error : internal(error);
  const type = JSON.stringify(`com.amazonaws.timestream.v20181101#${known.kind}`);
  const message = JSON.stringify(known.message);
  const rejected =
    known.kind === 'RejectedRecordsException'
      ? `,"RejectedRecords":[${known.rejected.map(rejectedText).join(',')}]`
      : '';
  return {
    status: SERVICE_ERRORS[known.kind],
    body: `{"__type":${type},"Message":${message},"message":${message}${rejected}}`,
  };
}

function internal(error: unknown): ServiceError {
  return new ServiceError('InternalServerException', error instanceof Error ? error.message : String(error));
}

/** Written by hand: ExistingVersion is an integer beyond what JSON.stringify can write. */
function rejectedText(rejected: RejectedRecord): string {
  const version =
    rejected.existingVersion === undefined ? '' : `,"ExistingVersion":${rejected.existingVersion}`;
  return `{"RecordIndex":${rejected.recordIndex},"Reason":${JSON.stringify(rejected.reason)}${version}}`;
}
