//! Imports of existing file systems.

use super::file_system::FileSystem;
use crate::aws::data;
use crate::aws::existing::IdForm;
use crate::aws::policy::own_arn;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

/// An existing file system.
#[derive(Clone)]
pub struct ExistingFileSystem {
    /// Its ID, such as `fs-0123456789abcdef0`.
    pub id: Val<String>,
    /// The security group of its mount targets, in which clients are allowed.
    pub security_group: SecurityGroup,
    /// The VPC of its mount targets.
    pub vpc: Vpc,
    /// Its ARN. Default: the ARN of a file system with this ID in the account and the region of the stack.
    pub arn: Option<Val<String>>,
}

impl ExistingFileSystem {
    /// Refers to a file system in the account and the region of the stack.
    pub fn new(id: impl IntoVal<String>, security_group: &SecurityGroup, vpc: &Vpc) -> Self {
        Self { id: id.into_val(), security_group: security_group.clone(), vpc: vpc.clone(), arn: None }
    }
}

/// The format of a file system ID.
const FORM: IdForm = IdForm { what: "file system", start: "fs-" };

impl FileSystem {
    /// Refers to an existing file system. Access points can be added to it.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ID of a file system.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, aws, efs};
    /// # use meshsynth::aws::security::{ExistingSecurityGroup, SecurityGroup};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
    /// let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
    /// let existing = efs::ExistingFileSystem::new("fs-0123456789abcdef0", &group, &vpc);
    /// let media = efs::FileSystem::import(&data, "media", existing);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingFileSystem) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.id);
        data::diagram(&scope, &existing.vpc, "files", "EFS, exists already".to_owned());
        let id = scope.read_here(existing.id);
        let arn = match existing.arn {
            Some(arn) => scope.read_here(arn),
            None => own_arn(&scope, "elasticfilesystem", text!["file-system/", id.clone()]),
        };
        let cidrs = existing.vpc.subnet_cidrs(data::tier(&existing.vpc));
        Self::of_existing(scope, id, arn, existing.security_group.id(), cidrs)
    }
}

#[cfg(test)]
mod tests {
    use super::ExistingFileSystem;
    use crate::aws::security::{ExistingSecurityGroup, SecurityGroup};
    use crate::aws::{Vpc, VpcProps};
    use crate::efs::{AccessPointProps, FileSystem};
    use crate::testing::{Platform, codes, stack};
    use crate::{App, Val};

    fn media(app: &App, id: &str) -> FileSystem {
        let data = stack(app, "data");
        let vpc = Vpc::new(&data, "vpc", VpcProps::default());
        let group = SecurityGroup::import(&data, "group", ExistingSecurityGroup::id("sg-0a1b2c3d4e5f60718"));
        FileSystem::import(&data, "media", ExistingFileSystem::new(id, &group, &vpc))
    }

    #[test]
    fn adds_access_point_to_imported_file_system() {
        let platform = Platform::synth("shop", |app| {
            let media = media(app, "fs-0123456789abcdef0");
            media.add_access_point("photos", AccessPointProps::default());
            assert_eq!(media.id(), Val::from("fs-0123456789abcdef0"));
        });
        assert!(platform.resources("AWS::EFS::FileSystem").is_empty());
        assert_eq!(platform.resource("AWS::EFS::AccessPoint").props["FileSystemId"], "fs-0123456789abcdef0");
    }

    #[test]
    fn reports_volume_id_instead_of_file_system() {
        assert_eq!(codes(|app| drop(media(app, "vol-0123456789abcdef0"))), ["MS0130"]);
    }
}
