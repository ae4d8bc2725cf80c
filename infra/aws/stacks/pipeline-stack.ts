import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { MAPPINGS, type MappingSpec, mappingGroupId } from '../../../shared/mappings.ts';
import { SETTINGS } from '../../../shared/settings/settings.ts';
import { TABLES } from '../../../shared/tables.ts';
import type { Bundle, BundleName } from '../bundle.ts';
import { IngestService } from '../constructs/ingest-service.ts';
import { KafkaAccess } from '../constructs/kafka-access.ts';
import { OperatorTask } from '../constructs/operator-task.ts';
import { PipelineFunction, type PipelineFunctionProps } from '../constructs/pipeline-function.ts';
import { topicMapping } from '../constructs/topic-mapping.ts';
import type { Deployment } from '../deployment.ts';
import { deploymentNames } from '../deployment-names.ts';
import { allowedSymbols, environmentOf, metricSymbols } from '../environment.ts';
import type { DataStack } from './data-stack.ts';

type FunctionName = MappingSpec['functionName'];

/** How a function speaks to MSK. */
const PROOF = { kafkaSecurityProtocol: 'SASL_SSL', kafkaSaslMechanism: 'AWS_MSK_IAM' } as const;

/**
 * Memory buys CPU: 1,769 MiB are one core, and the functions run on one thread. Validate and aggregate get a whole
 * one, because their time is the latency of the rows; the others wait for the network.
 */
const STREAMING_MIB = 1_769;
const WAITING_MIB = 512;

/** What is made of what the log holds: ingest, the functions, and their mappings. Nothing here keeps data. */
export class PipelineStack extends Stack {
  readonly ingest: IngestService;
  readonly #mappingIds = new Map<string, string>();

  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    data: DataStack,
    bundles: ReadonlyMap<BundleName, Bundle>,
    props: StackProps = {},
  ) {
    super(scope, id, {
      ...props,
      description: 'Crypto Market Monitor: ingest, functions and their mappings.',
    });
    const { name, size, symbols } = deployment;
    const topics = DEFAULT_TOPIC_NAMES;
    const { metricNamespace } = deploymentNames(name);
    const kafka = new KafkaAccess(this, data.stream.clusterArn, data.stream.clusterName);
    this.ingest = new IngestService(this, 'Ingest', {
      deployment,
      network: data.network,
      environment: environmentOf('ingest', {
        ...PROOF,
        symbols: symbols.join(','),
        streams: deployment.streams.join(','),
        streamUrl: deployment.streamUrl,
        restUrl: deployment.restUrl,
        mskClusterArn: data.stream.clusterArn,
        metricNamespace,
      }),
    });
    const { taskRole } = this.ingest;
    kafka.grantConnect(taskRole);
    kafka.grantBootstrap(taskRole);
    kafka.grantDescribe(taskRole, Object.values(topics));
    kafka.grantWrite(taskRole, [topics.rawTrades, topics.rawQuotes, topics.ledger]);
    kafka.grantRead(taskRole, [topics.rawTrades, topics.rawQuotes, topics.ledger, topics.audits]);
    kafka.grantGroups(taskRole, ['ingest']);

    this.#operatorTask(deployment, data, kafka);

    const { network } = data;
    const inside = {
      vpc: network.vpc,
      subnets: network.privateSubnets,
      securityGroup: network.functions,
    };
    const measured = metricSymbols(symbols);
    const make = (
      deployable: FunctionName,
      description: string,
      options: Pick<PipelineFunctionProps, 'environment' | 'memoryMib' | 'inside' | 'reservedConcurrency'>,
    ): PipelineFunction => {
      const bundle = bundles.get(deployable);
      if (bundle === undefined) throw new Error(`There is no bundle of ${deployable}.`);
      const made = new PipelineFunction(this, pascal(deployable), {
        ...options,
        deployable,
        functionName: `${name}-${deployable}`,
        description,
        bundle,
        size,
        timeoutMs: timeoutOf(deployable),
      });
      // Every one of them stands behind a mapping, whose interfaces are made in the function's name.
      made.allowInterfaces();
      return made;
    };
    const functions: Readonly<Record<FunctionName, PipelineFunction>> = {
      validate: make('validate', 'Raw frames to validated events and dead letters', {
        environment: environmentOf('validate', {
          ...PROOF,
          allowedSymbols: allowedSymbols(symbols),
          metricSymbols: measured,
          metricNamespace,
        }),
        memoryMib: STREAMING_MIB,
        inside,
        reservedConcurrency: size.reservedConcurrency,
      }),
      aggregate: make('aggregate', 'Validated events to windows, signals and rows', {
        environment: {
          ...environmentOf('aggregate', {
            ...PROOF,
            metricSymbols: measured,
            metricNamespace,
            stateTable: data.state.tableName,
            timestreamDatabase: data.store.database,
            keepEvents: deployment.keepEvents,
          }),
          ...cellEndpoint(deployment.timestreamCell, this.region),
        },
        memoryMib: STREAMING_MIB,
        inside,
        reservedConcurrency: size.reservedConcurrency,
      }),
      // It writes nothing to Kafka, so that it needs no place in the VPC.
      'dead-letter': make('dead-letter', 'Dead letters to rows', {
        environment: environmentOf('dead-letter', {
          timestreamDatabase: data.store.database,
          metricNamespace,
        }),
        memoryMib: WAITING_MIB,
      }),
    };
    kafka.grantConnect(functions.validate.role);
    kafka.grantWrite(functions.validate.role, [topics.trades, topics.quotes, topics.deadLetters]);
    kafka.grantWrite(functions.aggregate.role, [topics.alerts, topics.audits, topics.deadLetters]);
    const windows = [TABLES.candles, TABLES.spreads, TABLES.signals];
    const events = deployment.keepEvents === 'yes' ? [TABLES.trades, TABLES.quotes] : [];
    data.store.grantWrite(functions.aggregate.role, [...windows, ...events]);
    data.store.grantWrite(functions['dead-letter'].role, [TABLES.deadLetters]);
    data.state.grant(
      functions.aggregate.role,
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
    );

    for (const mapping of MAPPINGS) {
      const target = functions[mapping.functionName];
      kafka.grantMapping(target.role, [topics[mapping.topic]], [mappingGroupId(mapping)]);
      const made = topicMapping(this, `Mapping-${mapping.name}`, {
        mapping,
        polling: deployment.polling,
        functionName: target.lambda.functionName,
        clusterArn: data.stream.clusterArn,
        topics,
        pollerGroup: name,
      });
      // Lambda tries the role when it makes the mapping.
      made.node.addDependency(target.role);
      this.#mappingIds.set(mapping.name, made.attrId);
    }
  }

  /** What Lambda and CloudWatch know a mapping by. */
  mappingId(mapping: string): string {
    const found = this.#mappingIds.get(mapping);
    if (found === undefined) throw new Error(`There is no mapping ${mapping}.`);
    return found;
  }

  /** `dlq` reads letters and their sources and puts those back; `rebuild` and `certificate` read the trades. */
  #operatorTask(deployment: Deployment, data: DataStack, kafka: KafkaAccess): void {
    const topics = DEFAULT_TOPIC_NAMES;
    const { taskRole } = new OperatorTask(this, 'Operator', {
      deployment,
      environment: environmentOf('operator', {
        ...PROOF,
        allowedSymbols: allowedSymbols(deployment.symbols),
        stateTable: data.state.tableName,
        timestreamDatabase: data.store.database,
        mskClusterArn: data.stream.clusterArn,
      }),
    });
    kafka.grantConnect(taskRole);
    kafka.grantBootstrap(taskRole);
    kafka.grantRead(taskRole, [topics.rawTrades, topics.rawQuotes, topics.trades, topics.deadLetters]);
    kafka.grantWrite(taskRole, [topics.rawTrades, topics.rawQuotes, topics.deadLetters]);
    // A row that was refused may be of any table.
    data.store.grantWrite(taskRole, Object.values(TABLES));
    data.store.grantQuery(taskRole, [TABLES.candles, TABLES.spreads, TABLES.signals]);
    data.state.grant(taskRole, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }
}

/** With an endpoint of its own the SDK asks for none: the question would leave the VPC. */
function cellEndpoint(cell: string | null, region: string): Readonly<Record<string, string>> {
  if (cell === null) return {};
  const { name } = SETTINGS.awsEndpointUrlTimestreamWrite;
  return { [name]: `https://ingest-${cell}.timestream.${region}.amazonaws.com` };
}

function timeoutOf(deployable: FunctionName): number {
  const settings = MAPPINGS.filter((mapping) => mapping.functionName === deployable);
  return Math.max(...settings.map((mapping) => mapping.settings.functionTimeoutMs));
}

function pascal(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
