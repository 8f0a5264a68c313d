// What the services tell each other: topics, queues with what failed, workers, events, and the alarms on them.

import {
  Duration, NestedStack, RemovalPolicy, Stack,
  aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_events as events, aws_events_targets as targets,
  aws_lambda as lambda, aws_lambda_event_sources as sources, aws_logs as logs, aws_sns as sns,
  aws_sns_subscriptions as subscriptions, aws_sqs as sqs,
} from "aws-cdk-lib";
import { Construct } from "constructs";

const STREAMS = ["Orders", "Payments", "Invoices", "Shipments", "Returns", "Mails", "Reviews", "Stock"];

export class Messaging extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const alarms = new Alarms(this, "Alarms");
    this.streams = Object.fromEntries(STREAMS.map((name) => [name, new Stream(this, name, { alarms })]));
    this.addWorkers(props.data);
    this.addEvents();
  }

  addWorkers(data) {
    const worker = (name, environment) => new lambda.Function(this, name, {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async (event) => ({ batchItemFailures: [] });"),
      memorySize: 512,
      timeout: Duration.seconds(30),
      tracing: lambda.Tracing.ACTIVE,
      environment,
      logGroup: new logs.LogGroup(this, `${name}Logs`, {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    const invoicer = worker("Invoicer", { BUCKET: data.invoices.bucketName });
    invoicer.addEventSource(new sources.SqsEventSource(this.streams.Invoices.queue, { batchSize: 10, reportBatchItemFailures: true }));
    data.invoices.grantPut(invoicer);
    const indexer = worker("Indexer", { TABLE: data.products.tableName });
    indexer.addEventSource(new sources.DynamoEventSource(data.products, {
      startingPosition: lambda.StartingPosition.LATEST,
      batchSize: 100,
      bisectBatchOnError: true,
      retryAttempts: 3,
    }));
    data.products.grantReadData(indexer);
  }

  addEvents() {
    const bus = new events.EventBus(this, "Bus", { eventBusName: "shop" });
    bus.archive("Archive", {
      archiveName: "shop",
      eventPattern: { account: [this.account] },
      retention: Duration.days(30),
    });
    const routed = { "order.returned": "Returns", "order.shipped": "Shipments", "review.written": "Reviews" };
    for (const [type, name] of Object.entries(routed)) {
      new events.Rule(this, `To${name}`, {
        eventBus: bus,
        eventPattern: { source: ["shop"], detailType: [type] },
        targets: [new targets.SqsQueue(this.streams[name].queue)],
      });
    }
    new events.Rule(this, "Stocktaking", {
      schedule: events.Schedule.cron({ minute: "30", hour: "3" }),
      targets: [new targets.SqsQueue(this.streams.Stock.queue, { message: events.RuleTargetInput.fromObject({ job: "stocktaking" }) })],
    });
  }
}

/** A topic, the queue of its consumer, and a queue of what the consumer failed on. */
class Stream extends Construct {
  constructor(scope, id, { alarms }) {
    super(scope, id);
    const dead = new sqs.Queue(this, "Dead", { retentionPeriod: Duration.days(14) });
    this.queue = new sqs.Queue(this, "Queue", {
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(180),
      deadLetterQueue: { queue: dead, maxReceiveCount: 5 },
    });
    const topic = new sns.Topic(this, "Topic", { topicName: `shop-${id.toLowerCase()}` });
    topic.addSubscription(new subscriptions.SqsSubscription(this.queue, { rawMessageDelivery: true }));
    alarms.add(`${id}Failed`, dead.metricApproximateNumberOfMessagesVisible(), 1);
    alarms.add(`${id}Late`, this.queue.metricApproximateAgeOfOldestMessage(), 900);
  }
}

/** The alarms are a stack of their own, since there are many. */
class Alarms extends NestedStack {
  topic = new sns.Topic(this, "OnCall", { displayName: "On call", enforceSSL: true });

  add(id, metric, threshold) {
    const alarm = metric.createAlarm(this, id, {
      threshold,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new actions.SnsAction(this.topic));
  }
}
