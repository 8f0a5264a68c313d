//! Platforms without Kubernetes: tasks, instances, functions, APIs and distributions.

use meshsynth_reach::{Engine, Source, Verdict, World, find, survey};

use crate::support::world;

/// A VPC with public and private subnets.
const NETWORK: &str = r#"
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
  Igw: { Type: AWS::EC2::InternetGateway }
  Attachment: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: { Ref: Vpc }, InternetGatewayId: { Ref: Igw } } }
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: { Ref: Vpc }, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true } }
  Private: { Type: AWS::EC2::Subnet, Properties: { VpcId: { Ref: Vpc }, CidrBlock: 10.0.1.0/24 } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: { Ref: Vpc } } }
  Out: { Type: AWS::EC2::Route, Properties: { RouteTableId: { Ref: Table }, DestinationCidrBlock: 0.0.0.0/0, GatewayId: { Ref: Igw } } }
  Routed: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: { Ref: Public }, RouteTableId: { Ref: Table } } }
  Open: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: open, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0 }] } }
  App: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: app, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: { Ref: Open } }] } }
  Data: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: data, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: { Ref: App } }] } }
"#;

fn template(resources: &str) -> World {
    world(&[("web.yaml", &format!("Resources:\n{NETWORK}{resources}"))])
}

fn ask(world: &World, from: &str, to: &str) -> Verdict {
    let source = find::sources(world, from).unwrap().remove(0);
    let target = find::targets(world, to, None).unwrap().remove(0);
    Engine::new(world).ask(&source, &target).verdict
}

fn allowed_from_internet(world: &World) -> Vec<String> {
    let answers = survey::from(&Engine::new(world), &Source::Internet);
    answers.into_iter().filter(|it| it.verdict == Verdict::Allowed).map(|it| it.to).collect()
}

const BALANCER: &str = r#"
  Alb: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: { Subnets: [{ Ref: Public }], SecurityGroups: [{ Ref: Open }] } }
  Group: { Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: { Port: 8080, Protocol: HTTP, TargetType: ip, VpcId: { Ref: Vpc } } }
  Listener: { Type: AWS::ElasticLoadBalancingV2::Listener, Properties: { LoadBalancerArn: { Ref: Alb }, Port: 80, DefaultActions: [{ Type: forward, TargetGroupArn: { Ref: Group } }] } }
"#;

const TASKS: &str = r#"
  Agent: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: Allow, Principal: { Service: ecs-tasks.amazonaws.com }, Action: sts:AssumeRole }] }, Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Effect: Allow, Action: [secretsmanager:GetSecretValue, s3:GetObject], Resource: "*" }] } }] } }
  Task: { Type: AWS::ECS::TaskDefinition, Properties: { ExecutionRoleArn: { "Fn::GetAtt": [Agent, Arn] }, ContainerDefinitions: [{ Name: web, Image: web, Secrets: [{ Name: PASSWORD, ValueFrom: { Ref: Login } }] }] } }
  Web: { Type: AWS::ECS::Service, Properties: { TaskDefinition: { Ref: Task }, LoadBalancers: [{ ContainerName: web, ContainerPort: 8080, TargetGroupArn: { Ref: Group } }], NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: Private }], SecurityGroups: [{ Ref: App }] } } } }
  Login: { Type: AWS::SecretsManager::Secret }
  Subnets: { Type: AWS::RDS::DBSubnetGroup, Properties: { DBSubnetGroupDescription: s, SubnetIds: [{ Ref: Private }] } }
  Db: { Type: AWS::RDS::DBInstance, Properties: { Engine: postgres, DBSubnetGroupName: { Ref: Subnets }, VPCSecurityGroups: [{ Ref: Data }], MasterUserPassword: { "Fn::Sub": "{{resolve:secretsmanager:${Login}}}" } } }
  Files: { Type: AWS::S3::Bucket }
"#;

#[test]
fn tasks_are_reachable_only_through_load_balancer() {
    let world = template(&format!("{BALANCER}{TASKS}"));
    assert_eq!(ask(&world, "internet", "Web"), Verdict::Allowed);
    assert_eq!(ask(&world, "internet", "Web:9090"), Verdict::Denied);
    assert_eq!(allowed_from_internet(&world), ["web/Alb", "web/Web"]);
    let internal = format!("{BALANCER}{TASKS}").replace("{ Subnets", "{ Scheme: internal, Subnets");
    assert_eq!(ask(&template(&internal), "internet", "Web"), Verdict::Denied);
}

#[test]
fn execution_role_only_reads_task_secrets() {
    let world = template(&format!("{BALANCER}{TASKS}"));
    assert_eq!(ask(&world, "Web", "Db"), Verdict::Allowed);
    assert_eq!(ask(&world, "Web", "Files"), Verdict::Denied);
    let who = survey::to(&Engine::new(&world), &find::targets(&world, "Db", None).unwrap()[0]);
    assert!(who.iter().any(|it| it.from == "web/Web"), "{who:#?}");
    let without = TASKS.replace("Secrets:", "Environment:");
    assert_eq!(ask(&template(&format!("{BALANCER}{without}")), "Web", "Db"), Verdict::Denied);
}

#[test]
fn queries_instances_on_ports_of_their_rules() {
    let ssh = r#"
  Ssh: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: ssh, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }] } }
  Bastion: { Type: AWS::EC2::Instance, Properties: { SubnetId: { Ref: Public }, SecurityGroupIds: [{ Ref: Ssh }] } }
"#;
    assert_eq!(allowed_from_internet(&template(ssh)), ["web/Bastion"]);
    let by_interface = ssh.replace(
        "SubnetId: { Ref: Public }, SecurityGroupIds: [{ Ref: Ssh }]",
        "NetworkInterfaces: [{ DeviceIndex: '0', AssociatePublicIpAddress: true, SubnetId: { Ref: Public }, GroupSet: [{ Ref: Ssh }] }]",
    );
    assert_eq!(allowed_from_internet(&template(&by_interface)), ["web/Bastion"]);
    let private = by_interface.replace("AssociatePublicIpAddress: true", "AssociatePublicIpAddress: false");
    assert!(allowed_from_internet(&template(&private)).is_empty());
}

#[test]
fn auto_scaling_instances_are_members_of_both_balancer_types() {
    let group = r#"
  Launch: { Type: AWS::EC2::LaunchTemplate, Properties: { LaunchTemplateData: { SecurityGroupIds: [{ Ref: App }], IamInstanceProfile: { Arn: { "Fn::GetAtt": [Profile, Arn] } } } } }
  Role: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: Allow, Principal: { Service: ec2.amazonaws.com }, Action: sts:AssumeRole }] }, Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: "*" }] } }] } }
  Profile: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [{ Ref: Role }] } }
  Files: { Type: AWS::S3::Bucket }
  Web: { Type: AWS::AutoScaling::AutoScalingGroup, Properties: { MinSize: '1', MaxSize: '2', VPCZoneIdentifier: [{ Ref: Private }], LaunchTemplate: { LaunchTemplateId: { Ref: Launch }, Version: '1' }, TargetGroupARNs: [{ Ref: Group }] } }
"#;
    let world = template(&format!("{BALANCER}{group}"));
    assert_eq!(ask(&world, "internet", "Web"), Verdict::Allowed);
    assert_eq!(ask(&world, "Web", "Files"), Verdict::Allowed);
    let classic = r#"
  Old: { Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: { Subnets: [{ Ref: Public }], SecurityGroups: [{ Ref: Open }], Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: HTTP }] } }
"#;
    let behind = group.replace("TargetGroupARNs: [{ Ref: Group }]", "LoadBalancerNames: [{ Ref: Old }]");
    assert_eq!(ask(&template(&format!("{classic}{behind}")), "internet", "Web"), Verdict::Allowed);
}

#[test]
fn load_balanced_function_requires_permission() {
    let group = BALANCER.replace(
        "Port: 8080, Protocol: HTTP, TargetType: ip, VpcId: { Ref: Vpc }",
        "TargetType: lambda, Targets: [{ Id: { \"Fn::GetAtt\": [Handler, Arn] } }]",
    );
    let permission = r#"
  Call: { Type: AWS::Lambda::Permission, Properties: { Action: lambda:InvokeFunction, FunctionName: { Ref: Handler }, Principal: elasticloadbalancing.amazonaws.com, SourceArn: { Ref: Group } } }
"#;
    let world = template(&format!("{FUNCTION}{group}{permission}"));
    assert_eq!(ask(&world, "internet", "Handler"), Verdict::Allowed);
    assert_eq!(ask(&template(&format!("{FUNCTION}{group}")), "internet", "Handler"), Verdict::Denied);
}

const FUNCTION: &str = r#"
  Handler: { Type: AWS::Lambda::Function, Properties: { Role: arn:aws:iam::111122223333:role/x, Code: { ZipFile: x } } }
"#;

#[test]
fn unsigned_function_url_reaches_function() {
    let url = r#"
  Url: { Type: AWS::Lambda::Url, Properties: { AuthType: NONE, TargetFunctionArn: { Ref: Handler } } }
  Anybody: { Type: AWS::Lambda::Permission, Properties: { Action: lambda:InvokeFunctionUrl, FunctionName: { Ref: Handler }, Principal: "*", FunctionUrlAuthType: NONE } }
"#;
    assert_eq!(ask(&template(FUNCTION), "internet", "Handler"), Verdict::Denied);
    assert_ne!(ask(&template(&format!("{FUNCTION}{url}")), "internet", "Handler"), Verdict::Denied);
    let signed = url.replace("AuthType: NONE, TargetFunctionArn", "AuthType: AWS_IAM, TargetFunctionArn");
    assert_eq!(ask(&template(&format!("{FUNCTION}{signed}")), "internet", "Handler"), Verdict::Denied);
}

#[test]
fn unauthenticated_methods_reach_function() {
    let api = r#"
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: shop } }
  Method: { Type: AWS::ApiGateway::Method, Properties: { RestApiId: { Ref: Api }, ResourceId: { "Fn::GetAtt": [Api, RootResourceId] }, HttpMethod: GET, AuthorizationType: NONE, Integration: { Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: { "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Handler.Arn}/invocations" } } } }
  Call: { Type: AWS::Lambda::Permission, Properties: { Action: lambda:InvokeFunction, FunctionName: { Ref: Handler }, Principal: apigateway.amazonaws.com, SourceArn: { "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/*" } } }
"#;
    assert_eq!(ask(&template(&format!("{FUNCTION}{api}")), "internet", "Handler"), Verdict::Allowed);
    for (from, to) in [
        ("AuthorizationType: NONE", "AuthorizationType: AWS_IAM"),
        ("AuthorizationType: NONE", "AuthorizationType: NONE, ApiKeyRequired: true"),
        ("Name: shop", "Name: shop, EndpointConfiguration: { Types: [PRIVATE] }"),
        ("Principal: apigateway", "Principal: s3"),
    ] {
        let closed = api.replace(from, to);
        assert_eq!(ask(&template(&format!("{FUNCTION}{closed}")), "internet", "Handler"), Verdict::Denied, "{to}");
    }
}

#[test]
fn http_api_routes_reach_function() {
    let api = r#"
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: shop, ProtocolType: HTTP } }
  Target: { Type: AWS::ApiGatewayV2::Integration, Properties: { ApiId: { Ref: Api }, IntegrationType: AWS_PROXY, IntegrationUri: { "Fn::GetAtt": [Handler, Arn] }, PayloadFormatVersion: '2.0' } }
  Route: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: { Ref: Api }, RouteKey: GET /, Target: { "Fn::Join": ["/", [integrations, { Ref: Target }]] } } }
  Call: { Type: AWS::Lambda::Permission, Properties: { Action: lambda:InvokeFunction, FunctionName: { Ref: Handler }, Principal: apigateway.amazonaws.com, SourceArn: { "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*" } } }
"#;
    assert_eq!(ask(&template(&format!("{FUNCTION}{api}")), "internet", "Handler"), Verdict::Allowed);
    let asked = api.replace("RouteKey: GET /,", "RouteKey: GET /, AuthorizationType: JWT,");
    assert_eq!(ask(&template(&format!("{FUNCTION}{asked}")), "internet", "Handler"), Verdict::Denied);
}

#[test]
fn distributions_read_buckets() {
    let site = r#"
  Files: { Type: AWS::S3::Bucket }
  Origin: { Type: AWS::CloudFront::OriginAccessControl }
  Site: { Type: AWS::CloudFront::Distribution, Properties: { DistributionConfig: { Enabled: true, DefaultCacheBehavior: { TargetOriginId: files, ViewerProtocolPolicy: https-only }, Origins: [{ Id: files, DomainName: { "Fn::GetAtt": [Files, RegionalDomainName] }, OriginAccessControlId: { Ref: Origin }, S3OriginConfig: { OriginAccessIdentity: '' } }] } } }
  Policy: { Type: AWS::S3::BucketPolicy, Properties: { Bucket: { Ref: Files }, PolicyDocument: { Statement: [{ Effect: Allow, Principal: { Service: cloudfront.amazonaws.com }, Action: s3:GetObject, Resource: { "Fn::Sub": "${Files.Arn}/*" }, Condition: { StringEquals: { "AWS:SourceArn": { "Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Site}" } } } }] } } }
"#;
    assert_eq!(ask(&template(site), "internet", "Files"), Verdict::Allowed);
    let other = site.replace("distribution/${Site}", "distribution/E2OTHER");
    assert_ne!(ask(&template(&other), "internet", "Files"), Verdict::Allowed);
    let signed = site.replace("TargetOriginId: files,", "TargetOriginId: files, TrustedKeyGroups: [keys],");
    assert_eq!(ask(&template(&signed), "internet", "Files"), Verdict::Denied);
}

#[test]
fn identity_pool_guests_have_guest_role() {
    let pool = r#"
  Pool: { Type: AWS::Cognito::IdentityPool, Properties: { AllowUnauthenticatedIdentities: true } }
  Guest: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: Allow, Principal: { Federated: cognito-identity.amazonaws.com }, Action: sts:AssumeRoleWithWebIdentity, Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": { Ref: Pool } } } }] }, Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: { "Fn::Sub": "${Files.Arn}/*" } }] } }] } }
  Roles: { Type: AWS::Cognito::IdentityPoolRoleAttachment, Properties: { IdentityPoolId: { Ref: Pool }, Roles: { unauthenticated: { "Fn::GetAtt": [Guest, Arn] } } } }
  Files: { Type: AWS::S3::Bucket }
"#;
    assert_eq!(ask(&template(pool), "internet", "Files"), Verdict::Allowed);
    let closed = pool.replace("Identities: true", "Identities: false");
    assert_eq!(ask(&template(&closed), "internet", "Files"), Verdict::Denied);
    // Without an audience, the role trusts the identity pools of all accounts.
    let open = closed.replace("StringEquals: { \"cognito-identity.amazonaws.com:aud\": { Ref: Pool } }", "");
    assert_eq!(ask(&template(&open), "internet", "Files"), Verdict::Allowed);
}

#[test]
fn public_cluster_endpoint_requires_login() {
    let cluster = "  Cluster: { Type: AWS::EKS::Cluster, Properties: { RoleArn: r, ResourcesVpcConfig: { SubnetIds: [{ Ref: Private }] } } }\n";
    let why = |resources: &str| {
        let world = template(resources);
        let target = find::targets(&world, "Cluster", None).unwrap().remove(0);
        let answer = Engine::new(&world).ask(&Source::Internet, &target);
        assert_eq!(answer.verdict, Verdict::Denied);
        answer.chain.iter().map(|it| it.why.clone()).collect::<Vec<_>>().join("; ")
    };
    assert!(why(cluster).contains("on the internet; requires a token"), "{}", why(cluster));
    let private = cluster.replace("{ SubnetIds", "{ EndpointPublicAccess: false, SubnetIds");
    assert!(why(&private).contains("is private"));
    let narrow = cluster.replace("{ SubnetIds", "{ PublicAccessCidrs: [203.0.113.0/24], SubnetIds");
    assert!(why(&narrow).contains("accepts only 203.0.113.0/24"));
}

#[test]
fn distributions_reach_instance_origins() {
    let site = r#"
  Front: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: cdn, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 80, ToPort: 80, SourcePrefixListId: pl-4fa04526 }] } }
  Web: { Type: AWS::EC2::Instance, Properties: { SubnetId: { Ref: Public }, SecurityGroupIds: [{ Ref: Front }] } }
  Site: { Type: AWS::CloudFront::Distribution, Properties: { DistributionConfig: { Enabled: true, DefaultCacheBehavior: { TargetOriginId: web, ViewerProtocolPolicy: https-only }, Origins: [{ Id: web, DomainName: { "Fn::GetAtt": [Web, PublicDnsName] }, CustomOriginConfig: { OriginProtocolPolicy: http-only } }] } } }
"#;
    assert_eq!(ask(&template(site), "internet", "Web"), Verdict::Allowed);
    let other = site.replace("pl-4fa04526", "pl-0000");
    assert_ne!(ask(&template(&other), "internet", "Web"), Verdict::Allowed);
}

#[test]
fn file_systems_are_reachable_at_mount_targets() {
    let files = r#"
  Nfs: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: nfs, VpcId: { Ref: Vpc }, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 2049, ToPort: 2049, SourceSecurityGroupId: { Ref: App } }] } }
  Files: { Type: AWS::EFS::FileSystem }
  Mount: { Type: AWS::EFS::MountTarget, Properties: { FileSystemId: { Ref: Files }, SubnetId: { Ref: Private }, SecurityGroups: [{ Ref: Nfs }] } }
  Near: { Type: AWS::EC2::Instance, Properties: { SubnetId: { Ref: Private }, SecurityGroupIds: [{ Ref: App }] } }
  Far: { Type: AWS::EC2::Instance, Properties: { SubnetId: { Ref: Private }, SecurityGroupIds: [{ Ref: Open }] } }
"#;
    let world = template(files);
    assert_eq!(ask(&world, "Near", "Files"), Verdict::Allowed);
    assert_eq!(ask(&world, "Far", "Files"), Verdict::Denied);
    assert_eq!(ask(&world, "internet", "Files"), Verdict::Denied);
}
