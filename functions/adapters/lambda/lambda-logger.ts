import { Logger } from '@aws-lambda-powertools/logger';

/** The structured log of a function on AWS: JSON lines with level, time and service. */
export function lambdaLogger(functionName: string): Logger {
  return new Logger({ serviceName: functionName });
}
