/** The exceptions of the Timestream API that the local service answers with, and their HTTP status. */
export const SERVICE_ERRORS = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ServiceQuotaExceededException: 402,
  RejectedRecordsException: 419,
  ThrottlingException: 429,
  InternalServerException: 500,
  UnknownOperationException: 400,
} as const;

export type ServiceErrorKind = keyof typeof SERVICE_ERRORS;

/** A record that was not stored, as WriteRecords tells it. */
export interface RejectedRecord {
  readonly recordIndex: number;
  readonly reason: string;
  /** Only where an equal or newer version stands in the way. */
  readonly existingVersion?: bigint;
}

/** An answer of the service that is an exception to the caller; `message` is the `Message` of the answer. */
export class ServiceError extends Error {
  readonly kind: ServiceErrorKind;
  readonly rejected: readonly RejectedRecord[];

  constructor(kind: ServiceErrorKind, message: string, rejected: readonly RejectedRecord[] = []) {
    super(message);
    this.name = kind;
    this.kind = kind;
    this.rejected = rejected;
  }
}

/** A request that breaks a rule of the API. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
