// What the world sees: names, certificate, load balancer, API and distribution.

import {
  CfnOutput, Duration, RemovalPolicy, Stack,
  aws_apigatewayv2 as apigateway, aws_apigatewayv2_integrations as integrations, aws_certificatemanager as acm,
  aws_cloudfront as cloudfront, aws_cloudfront_origins as origins, aws_ec2 as ec2, aws_elasticloadbalancingv2 as elb,
  aws_lambda as lambda, aws_logs as logs, aws_route53 as route53, aws_route53_targets as targets, aws_s3 as s3, aws_wafv2 as waf,
} from "aws-cdk-lib";

export class Edge extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    // It may be deployed when what it reads changes: it reads outputs, without exports.
    this.node.setContext("@aws-cdk/core:defaultCrossStackReferences", "weak");
    this.zone = new route53.PublicHostedZone(this, "Zone", { zoneName: "shop.example.com" });
    this.certificate = new acm.Certificate(this, "Certificate", {
      domainName: "shop.example.com",
      subjectAlternativeNames: ["*.shop.example.com"],
      validation: acm.CertificateValidation.fromDns(this.zone),
    });
    this.addBalancer(props.vpc);
    this.addApi(props.orders);
    this.addAssets();
  }

  addBalancer(vpc) {
    const balancer = new elb.ApplicationLoadBalancer(this, "Balancer", {
      vpc,
      internetFacing: true,
      deletionProtection: true,
      dropInvalidHeaderFields: true,
    });
    balancer.addRedirect();
    const listener = balancer.addListener("Https", {
      port: 443,
      certificates: [this.certificate],
      sslPolicy: elb.SslPolicy.TLS13_RES,
      defaultAction: elb.ListenerAction.fixedResponse(404, { contentType: "text/plain", messageBody: "not found" }),
    });
    const storefront = new elb.ApplicationTargetGroup(this, "Storefront", {
      vpc,
      port: 8080,
      targetType: elb.TargetType.IP,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: { path: "/health", interval: Duration.seconds(10), healthyHttpCodes: "200" },
    });
    listener.addAction("Storefront", {
      priority: 10,
      conditions: [elb.ListenerCondition.hostHeaders(["www.shop.example.com"])],
      action: elb.ListenerAction.forward([storefront]),
    });
    storefront.metrics.unhealthyHostCount().createAlarm(this, "StorefrontUnhealthy", { threshold: 1, evaluationPeriods: 3 });
    new route53.ARecord(this, "Www", {
      zone: this.zone,
      recordName: "www",
      target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(balancer)),
    });
    const visibility = { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
    const firewall = new waf.CfnWebACL(this, "Firewall", {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: { ...visibility, metricName: "shop" },
      rules: ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"].map((name, priority) => ({
        name,
        priority,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: "AWS", name } },
        visibilityConfig: { ...visibility, metricName: name },
      })),
    });
    new waf.CfnWebACLAssociation(this, "FirewallOfBalancer", {
      resourceArn: balancer.loadBalancerArn,
      webAclArn: firewall.attrArn,
    });
  }

  addApi(orders) {
    const api = new apigateway.HttpApi(this, "Api", {
      apiName: "shop",
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: ["https://www.shop.example.com"],
        allowMethods: [apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
        maxAge: Duration.hours(1),
      },
    });
    const accessLogs = new logs.LogGroup(this, "ApiLogs", { retention: logs.RetentionDays.ONE_MONTH });
    api.addStage("Stage", {
      autoDeploy: true,
      throttle: { rateLimit: 500, burstLimit: 1000 },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(accessLogs) },
    });
    const status = new lambda.Function(this, "Status", {
      runtime: lambda.Runtime.PYTHON_3_13,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: lambda.Code.fromInline("def handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n"),
      environment: { QUEUE: orders.queueUrl },
    });
    orders.grantSendMessages(status);
    const integration = new integrations.HttpLambdaIntegration("StatusIntegration", status);
    for (const [path, method] of [["/status", "GET"], ["/orders", "POST"], ["/orders/{id}", "GET"]]) {
      api.addRoutes({ path, methods: [method], integration });
    }
    new CfnOutput(this, "ApiEndpoint", { value: api.apiEndpoint, exportName: "shop-api" });
  }

  addAssets() {
    const bucket = new s3.Bucket(this, "AssetFiles", {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const distribution = new cloudfront.Distribution(this, "Assets", {
      comment: "Pictures and scripts of the storefront",
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
      },
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
    });
    new CfnOutput(this, "AssetsDomain", { value: distribution.distributionDomainName });
  }
}
