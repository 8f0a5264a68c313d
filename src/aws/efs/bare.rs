//! Bare file systems, each defined from a typed resource.

use super::file_system::{FileSystem, MountTargets, Network};
use crate::Resource;
use crate::aws::data;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::efs;
use crate::cfn::ids::SecurityGroupId;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{Data, Val, Value};

impl FileSystem {
    /// Defines a bare file system, without a key, a security group or mount targets. Mount targets are added one by
    /// one.
    ///
    /// Clients are allowed in the security group of the first mount target. Network policies allow the CIDR blocks of
    /// the VPC that [`FileSystem::with_network`] sets.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC or a file system policy, but the bare file system has none.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, aws, cfn, efs, testing};
    /// # use meshsynth::tree::Construct;
    /// # let app = App::new("shop");
    /// # let photos = testing::workload(&app);
    /// # let data = photos.scope().stack();
    /// # let vpc = photos.namespace().cluster().vpc();
    /// let group = aws::SecurityGroup::new(&data, "media-group", vpc, "Who mounts media");
    /// let media = efs::FileSystem::bare(&data, "media", cfn::efs::FileSystem::new().encrypted(true)).with_network(vpc, &group);
    /// media.resource().logical_id("Media").retain();
    /// let subnet = vpc.subnet_ids(aws::vpc::Tier::Private).remove(0);
    /// let target = cfn::efs::MountTarget::new(media.id(), [group.id()], subnet);
    /// media.add_mount_target("a", target).logical_id("MediaInA");
    /// media.allow_from(photos.namespace().cluster());
    /// media.grant_read(&photos);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, file_system: efs::FileSystem) -> Self {
        let scope = scope.scope().construct(id);
        let file_system = file_system.define(&scope, "resource");
        scope.diagram(DiagramNode::new("files").detail("EFS"));
        Self { id: file_system.reference(), arn: file_system.arn(), scope, network: None, resource: Some(file_system) }
    }

    /// Returns the resource of the file system, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<efs::FileSystem> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare file system, and the security group that accepts its clients.
    #[must_use]
    pub fn with_network(self, vpc: &Vpc, security_group: &SecurityGroup) -> Self {
        data::diagram(&self.scope, vpc, "files", "EFS".to_owned());
        Self { network: Some(Network { security_group: security_group.id(), cidrs: data::blocks(vpc) }), ..self }
    }

    /// Adds a bare mount target to a bare file system.
    #[track_caller]
    pub fn add_mount_target(&self, id: &str, target: efs::MountTarget) -> Resource<efs::MountTarget> {
        let group: Option<Val<SecurityGroupId>> = match target.clone().into_data().at("SecurityGroups.0") {
            Some(Data::Text(group)) => Some(SecurityGroupId::new(group.to_string()).into()),
            Some(Data::Deferred(group)) => Some(Val::Deferred((**group).clone())),
            _ => None,
        };
        if let Some(group) = group {
            self.scope.keep(|known: &mut MountTargets| known.security_group.get_or_insert(group).clone());
        }
        target.define(self, id)
    }

    /// Adds a bare access point to the file system.
    #[track_caller]
    pub fn add_access_point_with(&self, id: &str, access_point: efs::AccessPoint) -> Resource<efs::AccessPoint> {
        access_point.define(self, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::cfn::ids::SubnetId;
    use crate::map;
    use crate::testing::{Platform, codes, stack, workload};

    fn media(app: &App, file_system: efs::FileSystem) -> FileSystem {
        FileSystem::bare(&stack(app, "data"), "media", file_system)
    }

    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn allows_clients_in_first_mount_target_group() {
        let platform = Platform::synth("shop", |app| {
            let cluster = workload(app).namespace().cluster().clone();
            let media = media(app, efs::FileSystem::new());
            media.resource().retain();
            for (id, group) in [("a", "sg-0a1b2c3d4e5f60718"), ("b", "sg-0a1b2c3d4e5f60719")] {
                let (group, subnet) = (SecurityGroupId::new(group), SubnetId::new("subnet-0a1b2c3d4e5f60718"));
                media.add_mount_target(id, efs::MountTarget::new(media.id(), [group], subnet));
            }
            media.allow_from(&cluster);
        });
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let rule = rules.iter().find(|it| it.props["FromPort"] == 2049).expect("the rule of NFS");
        assert_eq!(rule.props["GroupId"], "sg-0a1b2c3d4e5f60718");
    }

    #[test]
    fn reports_missing_network() {
        let found = n_missing(|app| {
            let cluster = workload(app).namespace().cluster().clone();
            media(app, efs::FileSystem::new()).allow_from(&cluster);
        });
        assert_eq!(found, 1);
    }

    #[test]
    fn adds_statements_only_to_an_existing_policy() {
        let allowed = |file_system: efs::FileSystem| {
            n_missing(|app| {
                media(app, file_system.clone()).allow_account("444455556666");
            })
        };
        assert_eq!(allowed(efs::FileSystem::new()), 1);
        let policy = map![("Version", "2012-10-17"), ("Statement", vec![map![("Sid", "Own")]])];
        assert_eq!(allowed(efs::FileSystem::new().file_system_policy(policy)), 0);
    }
}
