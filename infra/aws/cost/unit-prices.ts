/** A price of AWS, for us-east-1. */
export interface UnitPrice {
  readonly usd: number;
  /** What the price is for one of. */
  readonly unit: string;
  /** The page to check it on. None of these figures was checked online when it was written. */
  readonly source: string;
}

const MSK = 'https://aws.amazon.com/msk/pricing/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const FARGATE = 'https://aws.amazon.com/fargate/pricing/';
const VPC = 'https://aws.amazon.com/vpc/pricing/';
const PRIVATELINK = 'https://aws.amazon.com/privatelink/pricing/';
const EC2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const TIMESTREAM = 'https://aws.amazon.com/timestream/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';

/** Unit prices of us-east-1, unverified: check each on its page before you rely on a total. */
export const UNIT_PRICES = {
  'kafka.t3.small': { usd: 0.0456, unit: 'broker hour', source: MSK },
  'kafka.m7g.large': { usd: 0.204, unit: 'broker hour', source: MSK },
  'express.m7g.large': { usd: 0.408, unit: 'broker hour', source: MSK },
  mskStorage: { usd: 0.1, unit: 'GB month', source: MSK },
  expressStorage: { usd: 0.1, unit: 'GB month', source: MSK },
  expressIngress: { usd: 0.01, unit: 'GB written', source: MSK },
  eventPollerUnit: { usd: 0.185, unit: 'unit hour', source: LAMBDA },
  ebsGp3: { usd: 0.08, unit: 'GB month', source: 'https://aws.amazon.com/ebs/pricing/' },
  lambdaRequest: { usd: 0.0000002, unit: 'request', source: LAMBDA },
  lambdaGbSecondArm: { usd: 0.0000133334, unit: 'GB second', source: LAMBDA },
  fargateVcpuArm: { usd: 0.03238, unit: 'vCPU hour', source: FARGATE },
  fargateGbArm: { usd: 0.00356, unit: 'GB hour', source: FARGATE },
  publicIpv4: { usd: 0.005, unit: 'address hour', source: VPC },
  natGateway: { usd: 0.045, unit: 'hour', source: VPC },
  interfaceEndpoint: { usd: 0.01, unit: 'endpoint hour', source: PRIVATELINK },
  interfaceEndpointData: { usd: 0.01, unit: 'GB', source: PRIVATELINK },
  natGatewayData: { usd: 0.045, unit: 'GB', source: VPC },
  't4g.nano': { usd: 0.0042, unit: 'hour', source: EC2 },
  zoneTransfer: { usd: 0.02, unit: 'GB, both directions', source: EC2 },
  timestreamWrite: { usd: 0.0000005, unit: 'write of 1 KB', source: TIMESTREAM },
  timestreamMemory: { usd: 0.036, unit: 'GB hour', source: TIMESTREAM },
  timestreamMagnetic: { usd: 0.03, unit: 'GB month', source: TIMESTREAM },
  dynamodbWrite: { usd: 0.000000625, unit: 'write unit', source: DYNAMODB },
  dynamodbRead: { usd: 0.000000125, unit: 'read unit', source: DYNAMODB },
  metric: { usd: 0.3, unit: 'metric month', source: CLOUDWATCH },
  alarm: { usd: 0.1, unit: 'alarm month', source: CLOUDWATCH },
  fastAlarm: { usd: 0.3, unit: 'alarm month of periods below 60 s', source: CLOUDWATCH },
  dashboard: { usd: 3, unit: 'dashboard month', source: CLOUDWATCH },
  logsIngested: { usd: 0.5, unit: 'GB', source: CLOUDWATCH },
  logsVended: { usd: 0.5, unit: 'GB', source: CLOUDWATCH },
  xrayTrace: { usd: 0.000005, unit: 'trace recorded', source: 'https://aws.amazon.com/xray/pricing/' },
  grafanaEditor: { usd: 9, unit: 'editor month', source: 'https://aws.amazon.com/grafana/pricing/' },
  secret: { usd: 0.4, unit: 'secret month', source: 'https://aws.amazon.com/secrets-manager/pricing/' },
  kmsKey: { usd: 1, unit: 'key month', source: 'https://aws.amazon.com/kms/pricing/' },
} as const satisfies Readonly<Record<string, UnitPrice>>;

export type PriceName = keyof typeof UNIT_PRICES;
