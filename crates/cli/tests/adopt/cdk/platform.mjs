// The EKS cluster with its nodes, add-ons and releases, and the repositories of the images.

import {
  CfnOutput, Duration, RemovalPolicy, Size, Stack,
  aws_ec2 as ec2, aws_ecr as ecr, aws_eks_v2 as eks, aws_iam as iam, aws_kms as kms, aws_logs as logs, aws_ssm as ssm,
} from "aws-cdk-lib";
import { KubectlV35Layer } from "@aws-cdk/lambda-layer-kubectl-v35";

const SERVICES = ["Catalog", "Checkout", "Storefront"];

export class Platform extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.cluster = this.addCluster(props.vpc);
    this.addNodes();
    this.addReleases();
    for (const id of SERVICES) {
      this.addService(id);
    }
    new CfnOutput(this, "ClusterName", { value: this.cluster.clusterName, description: "For aws eks update-kubeconfig." });
  }

  addCluster(vpc) {
    // EKS makes this group by itself where it is missing, and then keeps its events for ever.
    new logs.LogGroup(this, "ControlPlane", {
      logGroupName: "/aws/eks/shop/cluster",
      retention: logs.RetentionDays.SIX_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const admins = new iam.Role(this, "Admins", {
      assumedBy: new iam.AccountRootPrincipal(),
      description: "Administers the cluster.",
      maxSessionDuration: Duration.hours(4),
    });
    const cluster = new eks.Cluster(this, "Cluster", {
      clusterName: "shop",
      version: eks.KubernetesVersion.V1_35,
      vpc,
      vpcSubnets: [{ subnetGroupName: "apps" }],
      defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
      defaultCapacity: 0,
      endpointAccess: eks.EndpointAccess.PRIVATE,
      clusterLogging: [eks.ClusterLoggingTypes.AUDIT, eks.ClusterLoggingTypes.AUTHENTICATOR],
      mastersRole: admins,
      secretsEncryptionKey: new kms.Key(this, "Secrets", {
        alias: "shop/cluster",
        description: "Encrypts the secrets of the cluster.",
        enableKeyRotation: true,
      }),
      kubectlProviderOptions: { kubectlLayer: new KubectlV35Layer(this, "Kubectl"), memory: Size.gibibytes(2) },
    });
    for (const name of ["vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver"]) {
      new eks.Addon(this, name, { cluster, addonName: name, preserveOnDelete: name === "vpc-cni" });
    }
    return cluster;
  }

  addNodes() {
    const template = new ec2.LaunchTemplate(this, "Nodes", {
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices: [{
        deviceName: "/dev/xvda",
        volume: ec2.BlockDeviceVolume.ebs(80, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
      }],
    });
    const groups = {
      System: { instanceTypes: ["m7g.large"], minSize: 3, maxSize: 6, labels: { tier: "system" } },
      Apps: { instanceTypes: ["m7g.xlarge"], minSize: 3, maxSize: 24, labels: { tier: "apps" } },
      Batch: {
        instanceTypes: ["c7g.xlarge", "c6g.xlarge"],
        minSize: 0,
        maxSize: 12,
        capacityType: eks.CapacityType.SPOT,
        labels: { tier: "batch" },
        taints: [{ effect: eks.TaintEffect.NO_SCHEDULE, key: "batch", value: "true" }],
      },
    };
    for (const [name, { instanceTypes, ...group }] of Object.entries(groups)) {
      this.cluster.addNodegroupCapacity(name, {
        ...group,
        amiType: eks.NodegroupAmiType.AL2023_ARM_64_STANDARD,
        instanceTypes: instanceTypes.map((type) => new ec2.InstanceType(type)),
        launchTemplateSpec: { id: template.launchTemplateId, version: template.latestVersionNumber },
        maxUnavailablePercentage: 25,
      });
    }
  }

  addReleases() {
    const shop = this.cluster.addManifest("Namespace", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    this.cluster.addHelmChart("MetricsServer", {
      chart: "metrics-server",
      repository: "https://kubernetes-sigs.github.io/metrics-server/",
      version: "3.13.0",
      namespace: "kube-system",
      values: { replicas: 2, podDisruptionBudget: { enabled: true, minAvailable: 1 } },
    });
    // Pod identity needs no provider of OpenID Connect.
    const autoscaler = this.cluster.addServiceAccount("Autoscaler", {
      name: "cluster-autoscaler",
      namespace: "kube-system",
      identityType: eks.IdentityType.POD_IDENTITY,
    });
    autoscaler.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:ResourceTag/kubernetes.io/cluster/shop": "owned" } },
    }));
    // The service account of the checkout assumes its role by web identity.
    this.checkout = this.cluster.addServiceAccount("CheckoutAccount", { name: "checkout", namespace: "shop" });
    this.checkout.node.addDependency(shop);
  }

  addService(id) {
    const name = id.toLowerCase();
    const repository = new ecr.Repository(this, `${id}Images`, {
      repositoryName: `shop/${name}`,
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      encryption: ecr.RepositoryEncryption.AES_256,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ description: "Keep the last 50 images.", maxImageCount: 50 }],
    });
    new ssm.StringParameter(this, `${id}Repository`, {
      parameterName: `/shop/${name}/repository`,
      stringValue: repository.repositoryUri,
    });
    new logs.LogGroup(this, `${id}Logs`, {
      logGroupName: `/shop/${name}`,
      retention: logs.RetentionDays.ONE_MONTH,
    });
  }
}
