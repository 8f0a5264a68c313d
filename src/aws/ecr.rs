//! Amazon ECR repositories of container images.

mod bare;

use super::existing::ArnForm;
use super::iam::{Grantee, Statement};
use super::kms::Key;
use crate::Resource;
use crate::cfn::ecr;
use crate::cfn::ecr::repository::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, LifecyclePolicy,
};
use crate::diagram::DiagramNode;
use crate::facts::regions::Partition;
use crate::node::OnDelete;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Val};

/// Properties of a [`Repository`].
#[derive(Clone)]
pub struct RepositoryProps {
    /// The name in the registry. Default: `{app}/{id}`.
    pub name: Option<String>,
    /// The key that encrypts the images. Default: the key that AWS manages for ECR in the account.
    pub key: Option<Key>,
    /// Whether tags are immutable. Default: yes.
    pub immutable_tags: bool,
    /// The days after which an untagged image expires. Default: 14.
    pub untagged_days: u16,
    /// The number of newest images that are kept. Default: 50.
    pub keep_images: u16,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for RepositoryProps {
    fn default() -> Self {
        Self {
            name: None,
            key: None,
            immutable_tags: true,
            untagged_days: 14,
            keep_images: 50,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A repository of container images, scanned on push.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, ecr};
/// # let app = App::new("shop");
/// # let images = Stack::new(&app, "images", Env::region("eu-west-1"));
/// let orders = ecr::Repository::new(&images, "orders", ecr::RepositoryProps::default());
/// let image = orders.image("1.4.0");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html>
#[derive(Clone)]
pub struct Repository {
    scope: Scope,
    name: Val<String>,
    arn: Val<String>,
    uri: Val<String>,
    /// The resource of the repository, or `None` if the repository is imported.
    repository: Option<Resource<ecr::Repository>>,
}

/// An existing repository. It can be in another region or account than the stack.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, ecr};
/// # let app = App::new("shop");
/// # let images = Stack::new(&app, "images", Env::region("eu-west-1"));
/// let arn = "arn:aws:ecr:eu-west-1:444455556666:repository/shared/orders";
/// let orders = ecr::Repository::import(&images, "orders", ecr::ExistingRepository::arn(arn));
/// assert_eq!(orders.image("1.4.0"), "444455556666.dkr.ecr.eu-west-1.amazonaws.com/shared/orders:1.4.0".into());
/// ```
#[derive(Clone, Debug)]
pub struct ExistingRepository {
    /// Its ARN.
    pub arn: Val<String>,
}

impl ExistingRepository {
    /// Refers to a repository by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: Val::Known(arn.into()) }
    }
}

/// The ARN format of a repository.
const FORM: ArnForm = ArnForm {
    what: "ECR repository",
    service: "ecr",
    resource: "repository/",
    example: "arn:aws:ecr:eu-west-1:111122223333:repository/shop/orders",
};

impl Repository {
    /// Defines a repository.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: RepositoryProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = props.name.unwrap_or_else(|| format!("{}/{}", scope.app_name(), scope.id()).to_ascii_lowercase());
        scope.diagram(DiagramNode::new("repository").label(&name));
        let encryption = EncryptionConfiguration::new(EncryptionType::Kms);
        let encryption = match &props.key {
            Some(key) => encryption.kms_key(key.arn()),
            None => encryption,
        };
        let mutability = match props.immutable_tags {
            true => ImageTagMutability::Immutable,
            false => ImageTagMutability::Mutable,
        };
        let repository = ecr::Repository::new()
            .repository_name(name)
            .encryption_configuration(encryption)
            .image_scanning_configuration(ImageScanningConfiguration::new().scan_on_push(true))
            .image_tag_mutability(mutability)
            .lifecycle_policy(
                LifecyclePolicy::new().lifecycle_policy_text(lifecycle(props.untagged_days, props.keep_images)),
            )
            .define(&scope, "resource");
        repository.on_delete(props.on_delete);
        let (name, arn, uri) = (repository.reference(), repository.arn(), repository.repository_uri());
        Self { scope, name, arn, uri, repository: Some(repository) }
    }

    /// Refers to an existing repository. Its policy and its images are not changed.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a repository.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingRepository) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check_anywhere(&scope, &existing.arn);
        let arn = scope.read_here(existing.arn);
        let piece = |index| arn.clone().piece(":", index);
        let name = arn.clone().piece(":repository/", 1);
        let suffix = format!(".{}/", Partition::of(&scope.region()).dns_suffix);
        let uri = text![piece(4), ".dkr.ecr.", piece(3), suffix, name.clone()];
        let label = name.known().cloned().unwrap_or_else(|| scope.id());
        scope.diagram(DiagramNode::new("repository").label(label).detail("exists already"));
        Self { scope, name, uri, arn, repository: None }
    }

    /// Returns the name of the repository, such as `shop/orders`.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the address of the repository, such as
    /// `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/orders`.
    pub fn uri(&self) -> Val<String> {
        self.uri.clone()
    }

    /// Returns the address of an image by its tag.
    pub fn image(&self, tag: &str) -> Val<String> {
        text![self.uri(), ":", tag.to_owned()]
    }

    /// Returns the ARN of the repository.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Lets the grantee pull images.
    #[track_caller]
    pub fn grant_pull(&self, grantee: &impl Grantee) {
        self.grant(grantee, Statement::allow(PULL));
    }

    /// Lets the grantee push images, and pull the layers on which these images are based.
    #[track_caller]
    pub fn grant_push(&self, grantee: &impl Grantee) {
        self.grant(grantee, Statement::allow(PULL.into_iter().chain(PUSH)));
    }

    /// Lets another account pull images. That account decides which of its principals may pull.
    ///
    /// If a customer managed key encrypts the images, its key policy must also allow that account to decrypt.
    pub fn allow_pull_from(&self, account: &str) {
        let root = text!["arn:", self.scope.partition(), format!(":iam::{account}:root")];
        self.add_to_policy(Statement::allow(PULL).into_data(Some(Bag::default().with("AWS", root))));
    }

    /// Adds a statement to the policy of the repository, or adds a task for its owner if the repository is
    /// imported.
    #[track_caller]
    fn add_to_policy(&self, statement: Data) {
        match &self.repository {
            Some(repository) => {
                repository.scope().put("RepositoryPolicyText", "Version", "2012-10-17");
                repository.scope().add("RepositoryPolicyText.Statement", statement);
            }
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the statement to the policy of the repository".to_owned(),
                document: Some(statement),
            }),
        }
    }

    /// Lets Lambda functions run images. `functions` is a pattern of function ARNs.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/images-permissions.html>
    pub(crate) fn allow_functions_to_pull(&self, functions: Val<String>) {
        let statement = Statement::allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
            .when("StringLike", "aws:SourceArn", functions)
            .into_data(Some(Bag::default().with("Service", "lambda.amazonaws.com")));
        self.add_to_policy(statement);
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, statement: Statement) {
        let role = grantee.role();
        role.grant(grantee, &self.scope, statement.clone().on(self.arn()));
        if let Some(principal) = role.foreign_principal(&self.scope, &self.arn()) {
            self.add_to_policy(statement.into_data(Some(principal)));
        }
        role.allow(Statement::allow(["ecr:GetAuthorizationToken"]).on_everything(
            "https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html",
        ));
    }
}

impl Construct for Repository {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

const PULL: [&str; 3] = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const PUSH: [&str; 4] = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];

fn lifecycle(untagged_days: u16, keep_images: u16) -> String {
    let rule = |priority: u8, status: &str, count: serde_json::Value| {
        let mut selection = count;
        selection["tagStatus"] = status.into();
        serde_json::json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
    };
    let untagged =
        serde_json::json!({ "countType": "sinceImagePushed", "countUnit": "days", "countNumber": untagged_days });
    let kept = serde_json::json!({ "countType": "imageCountMoreThan", "countNumber": keep_images });
    serde_json::json!({ "rules": [rule(1, "untagged", untagged), rule(2, "any", kept)] }).to_string()
}

#[cfg(test)]
mod tests {
    use super::{ExistingRepository, Repository, RepositoryProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn pull_grant_does_not_allow_push() {
        let platform = Platform::synth("shop", |app| {
            let images = stack(app, "images");
            let repository = Repository::new(&images, "orders", RepositoryProps::default());
            let role = Role::new(&images, "node", Trust::Service("ec2.amazonaws.com"), RoleProps::default());
            repository.grant_pull(&role);
        });
        assert_eq!(platform.resource("AWS::ECR::Repository").props["RepositoryName"], "shop/orders");
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("ecr:BatchGetImage") && !policy.contains("ecr:PutImage"), "{policy}");
    }

    #[test]
    fn other_accounts_may_only_pull_images() {
        let platform = Platform::synth("shop", |app| {
            let repository = Repository::new(&stack(app, "images"), "orders", RepositoryProps::default());
            repository.allow_pull_from("444455556666");
            repository.allow_pull_from("777788889999");
        });
        let policy = &platform.resource("AWS::ECR::Repository").props["RepositoryPolicyText"];
        assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(2));
        assert!(policy.to_string().contains("444455556666:root") && !policy.to_string().contains("PutImage"));
    }

    #[test]
    fn adds_owner_task_for_pull_from_imported_repository() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let arn = "arn:aws:ecr:eu-west-1:444455556666:repository/shared/orders";
            let repository = Repository::import(&run, "orders", ExistingRepository::arn(arn));
            let role = Role::new(&run, "node", Trust::Service("ec2.amazonaws.com"), RoleProps::default());
            repository.grant_pull(&role);
        });
        assert!(platform.resources("AWS::ECR::Repository").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("ecr:BatchGetImage") && policy.contains("repository/shared/orders"), "{policy}");
        let owners = &platform.assembly.files["owners.json"];
        assert!(owners.contains("ecr:BatchGetImage") && owners.contains("${run/node.Arn}"), "{owners}");
    }

    #[test]
    fn reports_repository_uri_instead_of_arn() {
        let found = crate::testing::codes(|app| {
            let run = stack(app, "run");
            let existing = ExistingRepository::arn("444455556666.dkr.ecr.eu-west-1.amazonaws.com/orders");
            let repository = Repository::import(&run, "orders", existing);
            crate::ssm::Parameter::new(&run, "uri", "uri", repository.uri(), Default::default());
        });
        assert_eq!(found, ["MS0130"]);
    }
}
