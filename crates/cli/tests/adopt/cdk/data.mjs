// Stores: Aurora, the cache, Kafka, tables and buckets, and the backups of what can be lost.

import {
  Duration, RemovalPolicy, SecretValue, Stack,
  aws_backup as backup, aws_dynamodb as dynamodb, aws_ec2 as ec2, aws_elasticache as elasticache, aws_events as events,
  aws_kms as kms, aws_logs as logs, aws_msk as msk, aws_rds as rds, aws_s3 as s3, aws_secretsmanager as secrets,
} from "aws-cdk-lib";

export class Data extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.key = new kms.Key(this, "Key", {
      alias: "shop/data",
      description: "Encrypts the stores of the shop.",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.addDatabase(props);
    this.addCache(props);
    this.addKafka(props);
    this.addTables();
    this.addBuckets();
    this.addBackups();
  }

  addDatabase({ vpc, cluster }) {
    const database = new rds.DatabaseCluster(this, "Orders", {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_5 }),
      defaultDatabaseName: "orders",
      credentials: rds.Credentials.fromGeneratedSecret("orders_admin", { encryptionKey: this.key }),
      vpc,
      vpcSubnets: { subnetGroupName: "data" },
      writer: rds.ClusterInstance.provisioned("Writer", {
        instanceType: ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE),
      }),
      readers: [rds.ClusterInstance.serverlessV2("Reader", { scaleWithWriter: true })],
      serverlessV2MinCapacity: 1,
      serverlessV2MaxCapacity: 16,
      parameters: { "rds.force_ssl": "1", log_min_duration_statement: "500" },
      storageEncryptionKey: this.key,
      backup: { retention: Duration.days(14), preferredWindow: "02:00-03:00" },
      cloudwatchLogsExports: ["postgresql"],
      monitoringInterval: Duration.seconds(60),
      iamAuthentication: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    database.connections.allowDefaultPortFrom(cluster, "The pods of the shop");
    database.metricCPUUtilization().createAlarm(this, "OrdersCpu", { threshold: 80, evaluationPeriods: 3 });
  }

  addCache({ vpc, cluster }) {
    const group = new ec2.SecurityGroup(this, "CacheGroup", { vpc, description: "The cache of sessions", allowAllOutbound: false });
    group.connections.allowFrom(cluster, ec2.Port.tcp(6379), "The pods of the shop");
    const subnets = new elasticache.CfnSubnetGroup(this, "CacheSubnets", {
      description: "The isolated subnets",
      subnetIds: vpc.selectSubnets({ subnetGroupName: "data" }).subnetIds,
    });
    const token = new secrets.Secret(this, "CacheToken", {
      encryptionKey: this.key,
      generateSecretString: { excludePunctuation: true, passwordLength: 48 },
    });
    new elasticache.CfnReplicationGroup(this, "Sessions", {
      replicationGroupDescription: "Sessions of the storefront",
      engine: "valkey",
      engineVersion: "8.0",
      cacheNodeType: "cache.r7g.large",
      numNodeGroups: 1,
      replicasPerNodeGroup: 2,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      authToken: SecretValue.secretsManager(token.secretArn).unsafeUnwrap(),
      kmsKeyId: this.key.keyArn,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [group.securityGroupId],
      snapshotRetentionLimit: 7,
    });
  }

  addKafka({ vpc, cluster }) {
    const group = new ec2.SecurityGroup(this, "KafkaGroup", { vpc, description: "The brokers of events", allowAllOutbound: false });
    group.connections.allowFrom(cluster, ec2.Port.tcpRange(9096, 9098), "The pods of the shop");
    group.connections.allowInternally(ec2.Port.allTcp(), "Brokers among themselves");
    const brokerLogs = new logs.LogGroup(this, "BrokerLogs", { retention: logs.RetentionDays.TWO_WEEKS });
    const configuration = new msk.CfnConfiguration(this, "BrokerSettings", {
      name: "shop-events",
      kafkaVersionsList: ["3.8.x"],
      serverProperties: ["auto.create.topics.enable=false", "min.insync.replicas=2", "num.partitions=6"].join("\n"),
    });
    new msk.CfnCluster(this, "Events", {
      clusterName: "shop-events",
      kafkaVersion: "3.8.x",
      numberOfBrokerNodes: 3,
      brokerNodeGroupInfo: {
        instanceType: "kafka.m7g.large",
        clientSubnets: vpc.selectSubnets({ subnetGroupName: "data" }).subnetIds,
        securityGroups: [group.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: 250 } },
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: this.key.keyArn },
        encryptionInTransit: { clientBroker: "TLS", inCluster: true },
      },
      enhancedMonitoring: "PER_TOPIC_PER_BROKER",
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: brokerLogs.logGroupName } } },
    });
  }

  addTables() {
    const { STRING, NUMBER } = dynamodb.AttributeType;
    const common = {
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      deletionProtection: true,
      partitionKey: { name: "pk", type: STRING },
      sortKey: { name: "sk", type: STRING },
    };
    this.carts = new dynamodb.Table(this, "Carts", { ...common, timeToLiveAttribute: "expires" });
    this.products = new dynamodb.Table(this, "Products", { ...common, stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES });
    this.products.addGlobalSecondaryIndex({
      indexName: "by-category",
      partitionKey: { name: "category", type: STRING },
      sortKey: { name: "price", type: NUMBER },
    });
    this.stock = new dynamodb.Table(this, "Stock", {
      ...common,
      billingMode: dynamodb.BillingMode.PROVISIONED,
      readCapacity: 20,
      writeCapacity: 10,
    });
    this.stock.autoScaleReadCapacity({ minCapacity: 20, maxCapacity: 400 }).scaleOnUtilization({ targetUtilizationPercent: 70 });
  }

  addBuckets() {
    const common = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const accessLogs = new s3.Bucket(this, "AccessLogs", {
      ...common,
      lifecycleRules: [{ id: "expire", expiration: Duration.days(90) }],
    });
    this.invoices = new s3.Bucket(this, "Invoices", {
      ...common,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "invoices/",
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      lifecycleRules: [{
        id: "archive",
        transitions: [{ storageClass: s3.StorageClass.GLACIER, transitionAfter: Duration.days(180) }],
        noncurrentVersionExpiration: Duration.days(30),
      }],
    });
  }

  addBackups() {
    const vault = new backup.BackupVault(this, "Vault", { backupVaultName: "shop", encryptionKey: this.key });
    const plan = new backup.BackupPlan(this, "Plan", {
      backupPlanName: "shop",
      backupVault: vault,
      backupPlanRules: [new backup.BackupPlanRule({
        ruleName: "nightly",
        scheduleExpression: events.Schedule.cron({ hour: "1", minute: "0" }),
        deleteAfter: Duration.days(35),
      })],
    });
    plan.addSelection("Stores", { resources: [this.carts, this.products, this.stock].map(backup.BackupResource.fromDynamoDbTable) });
  }
}
