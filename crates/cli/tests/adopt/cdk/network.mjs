// The VPC over three zones, its endpoints, and its flow logs.

import { RemovalPolicy, Stack, aws_ec2 as ec2, aws_logs as logs } from "aws-cdk-lib";

const { GatewayVpcEndpointAwsService: gateways, InterfaceVpcEndpointAwsService: services } = ec2;

export class Network extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);

    this.vpc = new ec2.Vpc(this, "Vpc", {
      ipAddresses: ec2.IpAddresses.cidr("10.20.0.0/16"),
      availabilityZones: ["a", "b", "c"].map((zone) => `${this.region}${zone}`),
      natGateways: 3,
      subnetConfiguration: [
        { name: "public", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
        { name: "apps", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: "data", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: gateways.S3 }, DynamoDb: { service: gateways.DYNAMODB } },
    });

    for (const [name, service] of Object.entries({ EcrApi: services.ECR, EcrDocker: services.ECR_DOCKER })) {
      this.vpc.addInterfaceEndpoint(name, { service, subnets: { subnetGroupName: "apps" } });
    }

    const flows = new logs.LogGroup(this, "Flows", {
      logGroupName: "/shop/network/flows",
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog("FlowLog", {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(flows),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
  }
}
