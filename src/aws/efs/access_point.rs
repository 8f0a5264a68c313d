//! EFS access points.

use super::file_system::{FileSystem, READ, READ_WRITE};
use crate::Resource;
use crate::aws::iam::Grantee;
use crate::cfn::efs;
use crate::cfn::efs::access_point as shape;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// Properties of an [`AccessPoint`].
#[derive(Clone, Debug)]
pub struct AccessPointProps {
    /// The folder of the file system that clients mount as root. Default: `/` followed by the construct's id.
    pub path: Option<String>,
    /// The POSIX user ID for all reads and writes, independent of the client. Default: 1000.
    pub user_id: u32,
    /// The POSIX group ID. Default: 1000.
    pub group_id: u32,
    /// The permissions of the folder when it is created. Default: `0750`.
    pub permissions: String,
}

impl Default for AccessPointProps {
    fn default() -> Self {
        Self { path: None, user_id: 1000, group_id: 1000, permissions: "0750".to_owned() }
    }
}

/// An access point: a folder of a file system that clients mount as root, and access as one POSIX user.
///
/// Clients of the access point cannot see other folders. EFS creates the folder at the first mount.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, efs};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let media = efs::FileSystem::new(&data, "media", &vpc, efs::FileSystemProps::default());
/// let photos = media.add_access_point("photos", efs::AccessPointProps { user_id: 10001, ..Default::default() });
/// let handle = photos.volume_handle();
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-efs-accesspoint.html>
#[derive(Clone)]
pub struct AccessPoint {
    scope: Scope,
    file_system: FileSystem,
    access_point: Resource<efs::AccessPoint>,
}

impl FileSystem {
    /// Adds an access point: a folder of the file system, and the POSIX user that accesses it.
    #[track_caller]
    pub fn add_access_point(&self, id: &str, props: AccessPointProps) -> AccessPoint {
        AccessPoint::define(self, id, props)
    }
}

impl AccessPoint {
    #[track_caller]
    pub(super) fn define(file_system: &FileSystem, id: &str, props: AccessPointProps) -> Self {
        let scope = file_system.scope().construct(id);
        let (user, group) = (props.user_id.to_string(), props.group_id.to_string());
        let path = props.path.unwrap_or_else(|| format!("/{}", scope.id()));
        let made = shape::CreationInfo::new(group.clone(), user.clone(), props.permissions);
        let access_point = efs::AccessPoint::new(file_system.id())
            .posix_user(shape::PosixUser::new(group, user))
            .root_directory(shape::RootDirectory::new().path(path).creation_info(made))
            .access_point_tags([shape::AccessPointTag::new().key("Name").value(crate::aws::display_name(&scope))])
            .define(&scope, "resource");
        Self { scope, file_system: file_system.clone(), access_point }
    }

    /// Returns the id of the access point, such as `fsap-0123456789abcdef0`.
    pub fn id(&self) -> Val<String> {
        self.access_point.access_point_id()
    }

    /// Returns the ARN of the access point.
    pub fn arn(&self) -> Val<String> {
        self.access_point.arn()
    }

    /// Returns the file system of the access point.
    pub fn file_system(&self) -> &FileSystem {
        &self.file_system
    }

    /// Returns the volume handle for persistent volumes of the EFS CSI driver: `<file system>::<access point>`.
    ///
    /// Source: <https://github.com/kubernetes-sigs/aws-efs-csi-driver/tree/master/examples/kubernetes/access_points>
    pub fn volume_handle(&self) -> Val<String> {
        text![self.file_system.id(), "::", self.id()]
    }

    /// Lets the grantee mount this access point and read files.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.file_system.grant(grantee, &READ, Some(self.arn()));
    }

    /// Lets the grantee mount this access point, and read and write files.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &impl Grantee) {
        self.file_system.grant(grantee, &READ_WRITE, Some(self.arn()));
    }
}

impl Construct for AccessPoint {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::AccessPointProps;
    use crate::aws::{Vpc, VpcProps};
    use crate::efs::{FileSystem, FileSystemProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn access_point_has_own_folder_and_user() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let media = FileSystem::new(&data, "media", &vpc, FileSystemProps::default());
            let photos = media.add_access_point("photos", AccessPointProps { user_id: 10001, ..Default::default() });
            crate::ssm::Path::new(&data, "config", "photos").add("volume", photos.volume_handle());
        });
        let point = platform.resource("AWS::EFS::AccessPoint").props;
        assert_eq!((&point["RootDirectory"]["Path"], &point["PosixUser"]["Uid"]), (&"/photos".into(), &"10001".into()));
        let handle = platform.resource("AWS::SSM::Parameter").props["Value"].to_string();
        assert!(handle.contains("::"), "{handle}");
    }
}
