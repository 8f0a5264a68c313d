//! The template of pods: containers with a restricted security context, and pods that are spread over zones and nodes.

use crate::kube::{core, meta};
use crate::tree::Scope;
use crate::units::Duration;
use crate::val::Val;

use super::super::core::labels::{self, NAME};
use super::super::core::{Placement, Probes, Resources, ServiceAccount, pod};
use super::{PodProps, Port};

/// The node label with the host name, which is unique.
const NODE: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// The spreading of pods over zones and nodes.
#[derive(Clone, Copy)]
pub(in crate::mesh) enum Spread {
    /// No spreading, for pods that run on each node or that end.
    None,
    /// All pods are spread together.
    All,
    /// The pods of each version are spread separately, by the label of their version.
    By(&'static str),
}

/// The settings from which a pod template is created.
pub(in crate::mesh) struct Template<'a> {
    /// The value of the pods' name label, and the name of the container.
    pub name: &'a str,
    /// The owner of the pods. The names of volumes and service accounts contain its name.
    pub owner: &'a str,
    pub image: Val<String>,
    /// The ports, with the main port first.
    pub ports: &'a [Port],
    /// The probes of the main port.
    pub probes: Option<&'a Probes>,
    pub resources: &'a Resources,
    pub placement: &'a Placement,
    pub args: &'a [String],
    pub user: u32,
    /// How long a stopping pod still serves requests, and the time that it has to stop. `None` for pods that end when
    /// their work is done.
    pub stop: Option<(Duration, Duration)>,
    pub spread: Spread,
    pub pod: &'a PodProps,
    /// Annotations with digests, which restart the pods when files change.
    pub annotations: &'a [(String, Val<String>)],
}

impl Template<'_> {
    pub(in crate::mesh) fn to_l1(&self, scope: &Scope) -> core::PodTemplateSpec {
        let mut metadata = meta::ObjectMeta::new().labels(labels::of(scope, self.name));
        if !self.annotations.is_empty() {
            metadata = metadata.annotations(self.annotations.to_vec());
        }
        core::PodTemplateSpec::new().metadata(metadata).spec(self.spec())
    }

    fn spec(&self) -> core::PodSpec {
        let tmp = core::Volume::new("tmp").empty_dir(core::EmptyDirVolumeSource::new().size_limit("256Mi"));
        let volumes = self.pod.volumes.iter().map(|volume| volume.to_l1(self.owner));
        let mut spec = core::PodSpec::new([self.container()])
            .service_account_name(self.pod.service_account.as_ref().map_or(self.owner, ServiceAccount::name))
            .automount_service_account_token(false)
            .enable_service_links(false)
            .security_context(pod::pod_security(self.user))
            .volumes([tmp].into_iter().chain(volumes).collect::<Vec<_>>());
        match self.stop {
            Some((_, grace)) => spec = spec.termination_grace_period_seconds(grace.as_seconds() as i64),
            None => spec = spec.restart_policy(core::RestartPolicy::Never),
        }
        let spread = self.spread_constraints();
        if !spread.is_empty() {
            spec = spec.topology_spread_constraints(spread);
        }
        let sidecars = self.pod.sidecars.iter().map(|it| it.to_l1().restart_policy("Always"));
        // Sidecars start first, so that init containers can use them.
        let before: Vec<_> = sidecars.chain(self.pod.init.iter().map(|it| it.to_l1())).collect();
        if !before.is_empty() {
            spec = spec.init_containers(before);
        }
        if !self.pod.pull_secrets.is_empty() {
            let secrets = self.pod.pull_secrets.iter().map(|name| core::LocalObjectReference::new().name(name.clone()));
            spec = spec.image_pull_secrets(secrets.collect::<Vec<_>>());
        }
        if let Some(class) = &self.pod.priority_class {
            spec = spec.priority_class_name(class.clone());
        }
        pod::placed(spec, self.placement, self.pod.gpus > 0)
    }

    fn spread_constraints(&self) -> Vec<core::TopologySpreadConstraint> {
        let constraint = |key: &str| {
            core::TopologySpreadConstraint::new(1, key, core::WhenUnsatisfiable::ScheduleAnyway)
                .label_selector(meta::LabelSelector::new().match_labels([(NAME, self.name)]))
        };
        match self.spread {
            Spread::None => Vec::new(),
            Spread::All => [ZONE, NODE].map(constraint).into(),
            Spread::By(label) => [ZONE, NODE].map(|key| constraint(key).match_label_keys([label])).into(),
        }
    }

    fn container(&self) -> core::Container {
        let tmp = core::VolumeMount::new("/tmp", "tmp");
        let mounts = self.pod.volumes.iter().filter_map(|volume| volume.mount());
        let mut container = core::Container::new(self.name)
            .image(self.image.clone())
            .image_pull_policy(core::ImagePullPolicy::IfNotPresent)
            .resources(pod::resources_with_gpus(self.resources, self.pod.gpus))
            .security_context(pod::container_security())
            .volume_mounts([tmp].into_iter().chain(mounts).collect::<Vec<_>>());
        if !self.ports.is_empty() {
            container = container.ports(self.ports.iter().map(Port::of_container).collect::<Vec<_>>());
        }
        if let Some((drain, _)) = self.stop.filter(|_| !self.ports.is_empty()) {
            let sleep = core::SleepAction::new(drain.as_seconds() as i64);
            container =
                container.lifecycle(core::Lifecycle::new().pre_stop(core::LifecycleHandler::new().sleep(sleep)));
        }
        if !self.pod.command.is_empty() {
            container = container.command(self.pod.command.clone());
        }
        if !self.args.is_empty() {
            container = container.args(self.args.to_vec());
        }
        match (self.probes, self.ports.first()) {
            (Some(probes), Some(port)) => probes.add_to(container, port.protocol.port_name()),
            _ => container,
        }
    }
}
