//! EFS file systems.

use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::existing;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::Key;
use crate::aws::policy::only_with_tls;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::efs;
use crate::cfn::efs::file_system as shape;
use crate::cfn::ids::SecurityGroupId;
use crate::node::{Kind, OnDelete};
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data, Val};

/// The port of NFS.
const PORT: u16 = 2049;

/// The clients that may mount a file system. Root access is not granted to any client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clients {
    /// All clients that its security group allows, without an IAM permission. The EFS CSI driver mounts file systems
    /// for pods in this mode.
    #[default]
    OfNetwork,
    /// Only clients that its security group allows and that have an IAM permission. They mount it with the option
    /// `iam`.
    WithPermission,
}

/// Properties of a [`FileSystem`].
#[derive(Clone)]
pub struct FileSystemProps {
    /// The clients that may mount it. Default: all clients that its security group allows.
    pub clients: Clients,
    /// The key that encrypts the files. Default: a separate key.
    pub key: Option<Key>,
    /// Whether files without access for 30 days move to the Infrequent Access storage class, and return at the next
    /// access. Default: yes.
    pub cold_files: bool,
    /// Whether AWS Backup makes a daily backup and keeps it for 35 days. Default: yes.
    pub backup: bool,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for FileSystemProps {
    fn default() -> Self {
        Self { clients: Clients::OfNetwork, key: None, cold_files: true, backup: true, on_delete: OnDelete::Retain }
    }
}

/// An encrypted file system that pods in all zones of a VPC can mount, only over TLS.
///
/// Defines the file system, its security group, and a mount target in each zone of the isolated subnets. If the VPC has
/// no isolated subnets, the private subnets are used. Throughput is elastic and billed by the amount of data that is
/// read and written. A program mounts an [access point](FileSystem::add_access_point), which determines the folder and
/// the POSIX user. The EFS CSI driver ([`AddOn::efs_csi_driver`](crate::eks::AddOn::efs_csi_driver)) mounts it for
/// pods.
///
/// # Diagnostics
///
/// - `MS0321`: the VPC has no subnets for mount targets.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, efs};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let media = efs::FileSystem::new(&data, "media", &vpc, efs::FileSystemProps::default());
/// let photos = media.add_access_point("photos", efs::AccessPointProps::default());
/// let handle = photos.volume_handle(); // fs-0123…::fsap-0123…, for a persistent volume
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-efs-filesystem.html>
#[derive(Clone)]
pub struct FileSystem {
    pub(super) scope: Scope,
    pub(super) id: Val<String>,
    pub(super) arn: Val<String>,
    /// The network of its mount targets, or `None` if the network of a bare file system is unknown.
    pub(super) network: Option<Network>,
    /// The resource of the file system, or `None` if the file system is imported.
    pub(super) resource: Option<crate::Resource<efs::FileSystem>>,
}

/// The security group and the subnet blocks of the mount targets.
#[derive(Clone)]
pub(super) struct Network {
    pub security_group: Val<SecurityGroupId>,
    pub cidrs: Vec<Cidr>,
}

/// The mount targets of a bare file system.
#[derive(Default)]
pub(super) struct MountTargets {
    /// The security group of the first mount target.
    pub security_group: Option<Val<SecurityGroupId>>,
}

impl FileSystem {
    /// Defines a file system and its mount targets.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: FileSystemProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let status = if props.backup { shape::Status::Enabled } else { shape::Status::Disabled };
        let document = Bag::default().with("Version", "2012-10-17").with("Statement", policy(props.clients));
        let mut file_system = efs::FileSystem::new()
            .encrypted(true)
            .kms_key_id(key.arn())
            .performance_mode(shape::PerformanceMode::GeneralPurpose)
            .throughput_mode(shape::ThroughputMode::Elastic)
            .backup_policy(shape::BackupPolicy::new(status))
            .file_system_policy(document)
            .file_system_tags([shape::ElasticFileSystemTag::new("Name", crate::aws::display_name(&scope))]);
        if props.cold_files {
            let rule = shape::LifecyclePolicy::new;
            file_system = file_system.lifecycle_policies([
                rule().transition_to_ia(shape::TransitionToIa::After30Days),
                rule().transition_to_primary_storage_class(shape::TransitionToPrimaryStorageClass::After1Access),
            ]);
        }
        let file_system = file_system.define(&scope, "resource");
        file_system.on_delete(props.on_delete);
        let description = format!("File system {}", scope.path());
        let security_group = SecurityGroup::answering(&scope, "security-group", vpc, &description).id();
        let tier = data::tier(vpc);
        let mut zones: Vec<Val<String>> = Vec::new();
        for (idx, subnet) in vpc.subnets(tier).iter().enumerate() {
            // A zone has one mount target, even if it has several subnets.
            if zones.contains(&subnet.zone) {
                continue;
            }
            zones.push(subnet.zone.clone());
            efs::MountTarget::new(file_system.file_system_id(), [security_group.clone()], subnet.id.clone())
                .define(&scope, &format!("mount-target-{}", idx + 1));
        }
        if zones.is_empty() {
            scope.report(
                crate::diag::Diagnostic::error(
                    "MS0321",
                    "the file system requires private or isolated subnets, which the VPC does not have",
                )
                .help("add a private or isolated tier to the VPC"),
            );
        }
        data::diagram(&scope, vpc, "files", "EFS".to_owned());
        let (id, arn) = (file_system.file_system_id(), file_system.arn());
        let network = Some(Network { security_group, cidrs: vpc.subnet_cidrs(tier) });
        Self { scope, id, arn, network, resource: Some(file_system) }
    }

    /// Creates the handle of an imported file system.
    pub(super) fn of_existing(
        scope: Scope,
        id: Val<String>,
        arn: Val<String>,
        security_group: Val<SecurityGroupId>,
        cidrs: Vec<Cidr>,
    ) -> Self {
        Self { scope, id, arn, network: Some(Network { security_group, cidrs }), resource: None }
    }

    /// Returns the id of the file system, such as `fs-0123456789abcdef0`.
    pub fn id(&self) -> Val<String> {
        self.id.clone()
    }

    /// Returns the ARN of the file system.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns the network endpoint of the file system.
    #[track_caller]
    pub fn endpoint(&self) -> Endpoint {
        match self.network() {
            Some(Network { security_group, cidrs }) => {
                Endpoint { owner: self.scope.clone(), security_group, port: PORT, cidrs }
            }
            None => existing::unknown_endpoint(&self.scope, "network", PORT),
        }
    }

    /// Lets a client connect, for example the nodes of a cluster, whose kubelet mounts the file system for pods.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        let endpoint = self.endpoint();
        if self.network().is_some() {
            endpoint.allow_from(client);
        }
    }

    /// Returns the network that the program sets. If it sets none, returns the network of the first mount target.
    fn network(&self) -> Option<Network> {
        self.network.clone().or_else(|| {
            let security_group = self.scope.keep(|targets: &mut MountTargets| targets.security_group.clone())?;
            Some(Network { security_group, cidrs: Vec::new() })
        })
    }

    /// Lets the grantee mount the file system and read files.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ, None);
    }

    /// Lets the grantee mount the file system, and read and write files.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ_WRITE, None);
    }

    /// Grants client permissions, restricted to an access point if one is given.
    #[track_caller]
    pub(super) fn grant(&self, grantee: &impl Grantee, actions: &[&str], access_point: Option<Val<String>>) {
        let mut statement = Statement::allow(actions.iter().copied()).on(self.arn());
        if let Some(arn) = access_point {
            statement = statement.when("StringEquals", "elasticfilesystem:AccessPointArn", arn);
        }
        grantee.role().grant(grantee, &self.scope, statement);
    }

    /// Lets another account mount the file system, through the file system policy.
    #[track_caller]
    pub fn allow_account(&self, account: &str) -> &Self {
        let root = text!["arn:", self.scope.partition(), format!(":iam::{account}:root")];
        let here = "https://docs.aws.amazon.com/efs/latest/ug/mount-fs-diff-account-same-vpc.html";
        let statement = Statement::allow(READ_WRITE).on_everything(here).when("Bool", VIA_MOUNT_TARGET, "true");
        let statement = statement.into_data(Some(Bag::default().with("AWS", root)));
        match &self.resource {
            Some(resource) if !has_policy(resource.scope()) => existing::no_file_system_policy(&self.scope),
            Some(resource) => resource.scope().add("FileSystemPolicy.Statement", statement),
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the statement to the policy of the file system".to_owned(),
                document: Some(statement),
            }),
        }
        self
    }
}

impl Construct for FileSystem {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns whether a file system has a policy to which statements can be added.
fn has_policy(file_system: &Scope) -> bool {
    file_system.read(|tree| match &tree.nodes[file_system.node()].kind {
        Kind::Resource(it) => {
            let statements = it.props.get("FileSystemPolicy").and_then(|policy| policy.at("Statement"));
            matches!(statements, Some(Data::List(_)))
        }
        _ => false,
    })
}

/// The client actions to read, and to read and write.
///
/// Source: <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
pub(super) const READ: [&str; 1] = ["elasticfilesystem:ClientMount"];
pub(super) const READ_WRITE: [&str; 2] = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];

/// Returns the file system policy. Without it, the default policy allows every client that reaches a mount target, as
/// root and without TLS.
///
/// Source: <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html#default-filesystempolicy>
fn policy(clients: Clients) -> Vec<Data> {
    let everything = vec![Val::from("*")];
    let mut statements = vec![only_with_tls("elasticfilesystem:*", everything)];
    if clients == Clients::OfNetwork {
        let here = "https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html";
        let statement = Statement::allow(READ_WRITE).on_everything(here).when("Bool", VIA_MOUNT_TARGET, "true");
        statements.push(statement.into_data(Some(Bag::default().with("AWS", "*"))));
    }
    statements
}

/// The condition key for access through a mount target, which is reachable only from the VPC. AWS does not treat a
/// policy with this condition as public.
const VIA_MOUNT_TARGET: &str = "elasticfilesystem:AccessedViaMountTarget";

#[cfg(test)]
mod tests {
    use super::{Clients, FileSystem, FileSystemProps};
    use crate::aws::{Vpc, VpcProps};
    use crate::efs::AccessPointProps;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    fn platform(props: FileSystemProps) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let media = FileSystem::new(&data, "media", &vpc, props);
            let photos = media.add_access_point("photos", AccessPointProps::default());
            let role = Role::new(&data, "worker", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            photos.grant_read_write(&role);
        })
    }

    #[test]
    fn file_system_is_encrypted_and_has_a_mount_target_in_each_zone() {
        let platform = platform(FileSystemProps::default());
        let file_system = platform.resource("AWS::EFS::FileSystem");
        assert_eq!(
            (&file_system.props["Encrypted"], &file_system.entry["DeletionPolicy"]),
            (&true.into(), &"RetainExceptOnCreate".into())
        );
        assert_eq!(file_system.props["BackupPolicy"]["Status"], "ENABLED");
        assert_eq!(platform.resources("AWS::EFS::MountTarget").len(), 3);
    }

    #[test]
    fn requires_tls_and_optionally_iam_permission() {
        let statements = |clients: Clients| {
            let platform = platform(FileSystemProps { clients, ..Default::default() });
            platform.resource("AWS::EFS::FileSystem").props["FileSystemPolicy"]["Statement"].clone()
        };
        let of_network = statements(Clients::OfNetwork);
        assert_eq!(of_network.as_array().map(Vec::len), Some(2), "{of_network}");
        assert!(of_network.to_string().contains("elasticfilesystem:AccessedViaMountTarget"));
        let permitted = statements(Clients::WithPermission);
        assert_eq!((permitted.as_array().map(Vec::len), &permitted[0]["Effect"]), (Some(1), &"Deny".into()));
    }

    #[test]
    fn grant_is_limited_to_the_given_access_point() {
        let platform = platform(FileSystemProps::default());
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("Worker")).unwrap();
        let statement = &policy.props["PolicyDocument"]["Statement"][0];
        assert!(statement["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"].is_object(), "{statement}");
        assert!(!statement.to_string().contains("ClientRootAccess"), "{statement}");
    }
}
