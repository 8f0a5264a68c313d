//! A file system.

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

/// Who may mount a file system. Root access is for nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clients {
    /// Whoever its security group lets in, as the EFS CSI driver mounts for pods.
    #[default]
    OfNetwork,
    /// Of these, only who has a permission of IAM: it mounts with the option `iam`.
    WithPermission,
}

/// Properties of a [`FileSystem`].
#[derive(Clone)]
pub struct FileSystemProps {
    /// Who may mount it. Default: whoever its security group lets in.
    pub clients: Clients,
    /// The key that encrypts the files. Default: a key of its own.
    pub key: Option<Key>,
    /// Whether files that nobody reads for 30 days move to a cheaper class, and come back when they are read. Default: they do.
    pub cold_files: bool,
    /// Whether AWS Backup makes a backup each day and keeps it for 35 days. Default: it does.
    pub backup: bool,
    /// The deletion policy, which applies when the resource leaves the stack. Default: it is kept.
    pub on_delete: OnDelete,
}

impl Default for FileSystemProps {
    fn default() -> Self {
        Self { clients: Clients::OfNetwork, key: None, cold_files: true, backup: true, on_delete: OnDelete::Retain }
    }
}

/// A file system that pods of all zones of a VPC mount: encrypted, and reached by TLS alone.
///
/// Defines the file system, a mount target in each zone of the isolated tier (the private one where a VPC has none),
/// and their security group. Throughput is elastic: it is paid by what is read and written. A program mounts an
/// [access point](FileSystem::add_access_point), which fixes its folder and its user; the EFS CSI driver
/// ([`AddOn::efs_csi_driver`](crate::eks::AddOn::efs_csi_driver)) mounts it for pods.
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
    /// Where it is mounted; none where nobody said it of a bare file system.
    pub(super) network: Option<Network>,
    /// The file system itself; none where it exists already.
    pub(super) resource: Option<crate::Resource<efs::FileSystem>>,
}

/// Where a file system is mounted.
#[derive(Clone)]
pub(super) struct Network {
    pub security_group: Val<SecurityGroupId>,
    pub cidrs: Vec<Cidr>,
}

/// Where the mount targets of a bare file system lie.
#[derive(Default)]
pub(super) struct MountTargets {
    /// The security group of the first one.
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
            // A zone has one mount target, whatever subnets it has.
            if zones.contains(&subnet.zone) {
                continue;
            }
            zones.push(subnet.zone.clone());
            efs::MountTarget::new(file_system.file_system_id(), [security_group.clone()], subnet.id.clone())
                .define(&scope, &format!("mount-target-{}", idx + 1));
        }
        if zones.is_empty() {
            scope.report(
                crate::diag::Diagnostic::error("MS0321", "a file system in a VPC without isolated and private subnets")
                    .help("give the VPC a private or an isolated tier"),
            );
        }
        data::diagram(&scope, vpc, "files", "EFS".to_owned());
        let (id, arn) = (file_system.file_system_id(), file_system.arn());
        let network = Some(Network { security_group, cidrs: vpc.subnet_cidrs(tier) });
        Self { scope, id, arn, network, resource: Some(file_system) }
    }

    /// The handle of a file system that exists already.
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

    /// What listens.
    #[track_caller]
    pub fn endpoint(&self) -> Endpoint {
        match self.network() {
            Some(Network { security_group, cidrs }) => {
                Endpoint { owner: self.scope.clone(), security_group, port: PORT, cidrs }
            }
            None => existing::unknown_endpoint(&self.scope, "network", PORT),
        }
    }

    /// Lets a client connect, such as the nodes of a cluster: the kubelet mounts for its pods.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        let endpoint = self.endpoint();
        if self.network().is_some() {
            endpoint.allow_from(client);
        }
    }

    /// Where it is mounted: as was said, or where its first mount target lies.
    fn network(&self) -> Option<Network> {
        self.network.clone().or_else(|| {
            let security_group = self.scope.keep(|targets: &mut MountTargets| targets.security_group.clone())?;
            Some(Network { security_group, cidrs: Vec::new() })
        })
    }

    /// Lets the grantee mount the file system and read it.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ, None);
    }

    /// Lets the grantee mount the file system, read and write it.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ_WRITE, None);
    }

    /// Gives permissions of a client, for an access point alone where one is named.
    #[track_caller]
    pub(super) fn grant(&self, grantee: &impl Grantee, actions: &[&str], access_point: Option<Val<String>>) {
        let mut statement = Statement::allow(actions.iter().copied()).on(self.arn());
        if let Some(arn) = access_point {
            statement = statement.when("StringEquals", "elasticfilesystem:AccessPointArn", arn);
        }
        grantee.role().grant(grantee, &self.scope, statement);
    }

    /// Lets an account or a role of another one mount the file system, by its policy.
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

/// Returns whether a file system has a policy with statements that can be read.
fn has_policy(file_system: &Scope) -> bool {
    file_system.read(|tree| match &tree.nodes[file_system.node()].kind {
        Kind::Resource(it) => {
            let statements = it.props.get("FileSystemPolicy").and_then(|policy| policy.at("Statement"));
            matches!(statements, Some(Data::List(_)))
        }
        _ => false,
    })
}

/// What a client does that reads, and one that writes.
///
/// Source: <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
pub(super) const READ: [&str; 1] = ["elasticfilesystem:ClientMount"];
pub(super) const READ_WRITE: [&str; 2] = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];

/// Returns a policy replaces the default, which lets everybody in who reaches a mount target, as the root user and
/// without TLS.
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

/// Whether a client came by a mount target, which no address outside the VPC reaches: such a policy is not public.
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
    fn a_file_system_is_encrypted_kept_backed_up_and_in_each_zone() {
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
    fn nobody_mounts_without_tls_and_with_permissions_nobody_without_one() {
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
    fn a_grant_on_an_access_point_is_for_it_alone() {
        let platform = platform(FileSystemProps::default());
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("Worker")).unwrap();
        let statement = &policy.props["PolicyDocument"]["Statement"][0];
        assert!(statement["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"].is_object(), "{statement}");
        assert!(!statement.to_string().contains("ClientRootAccess"), "{statement}");
    }
}
