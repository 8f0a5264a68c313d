//! Fluent Bit, which sends container logs to a log group.

use crate::aws::cloudwatch::{MetricFilter, MetricFilterProps};
use crate::aws::logs::LogGroup;
use crate::eks::{self, Identity};
use crate::iam::{Grantee, Role, Statement};
use crate::kube::core;
use crate::kube::rbac::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};
use crate::kube::{apps, meta};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Mib;

use super::super::core::ways;
use super::super::labels::NAME as NAME_LABEL;
use super::super::{Namespace, NamespaceProps, PodSecurity, network};

const NAME: &str = "fluent-bit";
const NAMESPACE: &str = "logging";
/// Source: <https://github.com/aws/aws-for-fluent-bit/releases>
const IMAGE: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.17";
/// The port of its health check.
const HEALTH: u16 = 2020;

/// Properties of [`FluentBit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FluentBitProps {
    /// The image. Default: an exact version of AWS for Fluent Bit.
    pub image: String,
    /// The memory of each pod. Default: 200 MiB.
    pub memory: Mib,
}

impl Default for FluentBitProps {
    fn default() -> Self {
        Self { image: IMAGE.to_owned(), memory: Mib(200) }
    }
}

/// Fluent Bit on every node, which sends container logs to a log group.
///
/// Defines a namespace, and a `DaemonSet` with its configuration. Its Kubernetes role may read the pod and namespace of
/// a log, and its AWS role may write only to this log group. A log event contains the line, the namespace, the pod and
/// the container. The fields of a JSON line are separate fields of the log event. Each container of a pod has a
/// separate log stream.
///
/// Fluent Bit runs as root, because root owns the log files of containers. It has no capabilities, and its root file
/// system is read-only.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, logs, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let containers = logs::LogGroup::new(&stack, "containers", logs::LogGroupProps::default());
/// mesh::addons::FluentBit::new(&stack, "fluent-bit", &cluster, &containers, Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-logs-FluentBit.html>
#[derive(Clone)]
pub struct FluentBit {
    scope: Scope,
    role: Role,
    group: LogGroup,
}

impl FluentBit {
    /// Sends the logs of a cluster's containers to a log group.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        cluster: &eks::Cluster,
        group: &LogGroup,
        props: FluentBitProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { pod_security: PodSecurity::Privileged, ..Default::default() };
        let namespace = Namespace::new(&scope, NAMESPACE, cluster, namespace);
        let place = namespace.scope();
        let role = cluster.service_account_role(place, "role", NAMESPACE, NAME);
        let write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
        let account =
            core::ServiceAccount::new().automount_service_account_token(false).define(place, "identity", NAME);
        if cluster.identity() == Identity::Irsa {
            account.annotate("eks.amazonaws.com/role-arn", role.arn());
        }
        define_rights(place);
        open(&namespace, &role);
        role.allow(Statement::allow(write).on(group.arn()).in_region(group.scope().region()));
        let config = core::ConfigMap::new().define(place, "config", &format!("{NAME}-config"));
        config.scope().put("data", "fluent-bit.conf", configuration(&scope, cluster, group));
        // The variable values of the configuration are also separate keys of the `ConfigMap`, so that users and tools
        // can read them.
        config.scope().put("data", "cluster", cluster.name().to_owned());
        config.scope().put("data", "log-group", group.name());
        config.scope().put("data", "region", scope.region());
        let template = core::PodTemplateSpec::new()
            .metadata(meta::ObjectMeta::new().labels([(NAME_LABEL, NAME)]))
            .spec(pod(&props));
        let spec = apps::DaemonSetSpec::new(selector(), template).revision_history_limit(3).update_strategy(
            apps::DaemonSetUpdateStrategy::new().type_(apps::DaemonSetUpdateStrategyType::RollingUpdate),
        );
        let daemons = apps::DaemonSet::new().spec(spec).define(place, "daemons", NAME);
        daemons.scope().put("spec.template.metadata.annotations", "meshsynth/config", config.digest());
        Self { scope, role, group: group.clone() }
    }

    /// Defines a metric that counts the log events of one workload whose field `level` has the value `ERROR`.
    #[track_caller]
    pub fn errors_of(&self, scope: &impl Construct, id: &str, workload: &super::super::Workload) -> MetricFilter {
        let (namespace, name) = (workload.namespace().name(), workload.name());
        let pattern = format!(
            r#"{{ ($.level = "ERROR") && ($.kubernetes.namespace_name = "{namespace}") && ($.kubernetes.container_name = "{name}") }}"#
        );
        MetricFilter::new(scope, id, &self.group, &pattern, MetricFilterProps::default())
    }
}

impl Construct for FluentBit {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for FluentBit {
    fn role(&self) -> Role {
        self.role.clone()
    }
}

/// Defines the Kubernetes role that may read the pod and the namespace of a log.
fn define_rights(scope: &Scope) {
    let rule = PolicyRule::new(["get", "list", "watch"]).api_groups([""]).resources(["namespaces", "pods"]);
    ClusterRole::new().rules([rule]).define(scope, "rights", NAME);
    let reference = RoleRef::new("ClusterRole", NAME).api_group("rbac.authorization.k8s.io");
    let subject = Subject::new("ServiceAccount", NAME).namespace(NAMESPACE);
    ClusterRoleBinding::new(reference).subjects([subject]).define(scope, "rights-of-fluent-bit", NAME);
}

/// Allows connections to the addresses of the VPC, for Kubernetes and AWS APIs, and to the Pod Identity agent.
fn open(namespace: &Namespace, role: &Role) {
    let (scope, cluster) = (namespace.scope(), namespace.cluster());
    let policy = network::define(scope, NAME_LABEL, NAME);
    ways::open(role, namespace, scope, policy.scope());
    network::allow_to_cidrs(policy.scope(), &[cluster.vpc().cidr()], 443);
    if cluster.identity() == Identity::PodIdentity {
        network::allow_to_cidrs(policy.scope(), &[network::POD_IDENTITY_AGENT], 80);
    }
}

fn selector() -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([(NAME_LABEL, NAME)])
}

fn configuration(scope: &Scope, cluster: &eks::Cluster, group: &LogGroup) -> crate::Val<String> {
    let input = "\
[SERVICE]
    Flush                     5
    Grace                     30
    Log_Level                 error
    HTTP_Server               On
    HTTP_Listen               0.0.0.0
    HTTP_Port                 2020
    Health_Check              On
    storage.path              /var/fluent-bit/state/storage/
    storage.sync              normal
    storage.backlog.mem_limit 5M

[INPUT]
    Name              tail
    Tag               kube.*
    Path              /var/log/containers/*.log
    Exclude_Path      /var/log/containers/fluent-bit*
    multiline.parser  docker, cri
    DB                /var/fluent-bit/state/containers.db
    Mem_Buf_Limit     50MB
    Skip_Long_Lines   On
    Refresh_Interval  10
    Rotate_Wait       30
    storage.type      filesystem

[FILTER]
    Name                kubernetes
    Match               kube.*
    Kube_URL            https://kubernetes.default.svc:443
    Merge_Log           On
    Keep_Log            Off
    Labels              Off
    Annotations         Off
    K8S-Logging.Parser  Off
    K8S-Logging.Exclude Off

[FILTER]
    Name   modify
    Match  kube.*
";
    text![
        input,
        format!("    Set    cluster {}\n", cluster.name()),
        "\n[OUTPUT]\n    Name               cloudwatch_logs\n    Match              kube.*\n",
        format!("    region             {}\n", scope.region()),
        "    log_group_name     ",
        group.name(),
        "\n    log_stream_prefix  from-\n",
        "    log_stream_template $kubernetes['namespace_name'].$kubernetes['pod_name'].$kubernetes['container_name']\n",
        "    auto_create_group  Off\n",
    ]
}

fn pod(props: &FluentBitProps) -> core::PodSpec {
    let host = |name: &str, path: &str, kind| {
        core::Volume::new(name).host_path(core::HostPathVolumeSource::new(path).type_(kind))
    };
    let state = "/var/fluent-bit/state";
    core::PodSpec::new([container(props, state)])
        .service_account_name(NAME)
        // The Kubernetes filter of Fluent Bit authenticates with this token.
        .automount_service_account_token(true)
        .enable_service_links(false)
        .priority_class_name("system-node-critical")
        .node_selector([("kubernetes.io/os", "linux")])
        // The agent runs on every node, regardless of taints.
        .tolerations([core::Toleration::new().operator(core::TolerationOperator::Exists)])
        .security_context(
            core::PodSecurityContext::new()
                .seccomp_profile(core::SeccompProfile::new(core::SeccompProfileType::RuntimeDefault)),
        )
        .termination_grace_period_seconds(35)
        .volumes([
            core::Volume::new("config").config_map(
                core::ConfigMapVolumeSource::new()
                    .name(format!("{NAME}-config"))
                    .items([core::KeyToPath::new("fluent-bit.conf", "fluent-bit.conf")]),
            ),
            host("logs", "/var/log", core::HostPathVolumeSourceType::Directory),
            host("state", state, core::HostPathVolumeSourceType::DirectoryOrCreate),
        ])
}

fn container(props: &FluentBitProps, state: &str) -> core::Container {
    let memory = format!("{}Mi", props.memory.0);
    let health = |path: &str| {
        core::Probe::new().http_get(core::HttpGetAction::new(HEALTH).path(path)).period_seconds(30).timeout_seconds(5)
    };
    core::Container::new(NAME)
        .image(&props.image)
        .image_pull_policy(core::ImagePullPolicy::IfNotPresent)
        .command(["/fluent-bit/bin/fluent-bit", "-c", "/fluent-bit/custom/fluent-bit.conf"])
        .ports([core::ContainerPort::new(HEALTH).name("http").protocol(core::Protocol::Tcp)])
        .liveness_probe(health("/"))
        .readiness_probe(health("/api/v1/health"))
        .resources(
            core::ResourceRequirements::new()
                .requests([("cpu", "50m"), ("memory", memory.as_str())])
                .limits([("memory", memory.as_str())]),
        )
        .security_context(
            core::SecurityContext::new()
                .run_as_user(0)
                .allow_privilege_escalation(false)
                .read_only_root_filesystem(true)
                .capabilities(core::Capabilities::new().drop(["ALL"])),
        )
        .volume_mounts([
            core::VolumeMount::new("/fluent-bit/custom", "config").read_only(true),
            core::VolumeMount::new("/var/log", "logs").read_only(true),
            core::VolumeMount::new(state, "state"),
        ])
}

#[cfg(test)]
mod tests {
    use super::{FluentBit, FluentBitProps};
    use crate::logs::{LogGroup, LogGroupProps};
    use crate::testing::{Platform, stack};
    use crate::{aws, eks};

    fn platform(identity: eks::Identity) -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let props = eks::ClusterProps { identity, ..Default::default() };
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, props);
            let watch = stack(app, "watch");
            let group = LogGroup::new(&watch, "containers", LogGroupProps::default());
            FluentBit::new(&watch, "fluent-bit", &cluster, &group, FluentBitProps::default());
        })
    }

    #[test]
    fn writes_region_cluster_and_log_group_to_configuration() {
        let platform = platform(eks::Identity::Irsa);
        let config = platform.manifest("configmap-fluent-bit-config");
        for fact in
            ["region             ap-northeast-1", "log_group_name     /shop/watch/containers", "cluster shop-cluster"]
        {
            assert!(config.contains(fact), "{fact} in {config}");
        }
        assert!(config.contains("log-group: /shop/watch/containers"), "{config}");
    }

    #[test]
    fn grants_write_only_to_its_log_group() {
        let platform = platform(eks::Identity::Irsa);
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.template.starts_with("watch")).expect("its policy").props.to_string();
        assert!(policy.contains("Containers") && !policy.contains("\"*\""), "{policy}");
        assert!(!policy.contains("CreateLogGroup"), "{policy}");
        assert!(platform.manifest("serviceaccount-fluent-bit").contains("eks.amazonaws.com/role-arn"));
    }

    #[test]
    fn runs_on_every_node_with_read_only_root_file_system() {
        let platform = platform(eks::Identity::PodIdentity);
        let daemons = platform.manifest("daemonset-fluent-bit");
        for part in ["operator: Exists", "readOnlyRootFilesystem: true", "meshsynth/config"] {
            assert!(daemons.contains(part), "{part} in {daemons}");
        }
        assert!(platform.manifest("networkpolicy-fluent-bit").contains("169.254.170.23/32"));
    }
}
