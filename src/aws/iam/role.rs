//! IAM roles and their permissions.

use std::panic::Location;

use crate::Resource;
use crate::cfn;
use crate::cfn::ids::RoleArn;
use crate::diagram::DiagramNode;
use crate::node::{Edge, EdgeKind};
use crate::owner_task::OwnerTask;
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data, Json, Key, Part, Val};

use super::super::existing::{Arn, ArnForm};
use super::Statement;
use super::allowed::{self, Allowed};

/// A construct with a role that can receive grants.
pub trait Grantee: Construct {
    /// Returns the role of the construct.
    fn role(&self) -> Role;
}

/// The trust policy of a role.
pub enum Trust {
    /// An AWS service may assume the role, such as `eks.amazonaws.com`.
    Service(&'static str),
    /// The stack's own account: its policies decide which principals may assume the role, for example users and
    /// pipelines.
    Account,
    /// A complete trust policy as JSON, in which a key can contain a deferred value (IRSA).
    Document(Val<Json>),
}

/// Properties of a [`Role`].
#[derive(Clone, Debug, Default)]
pub struct RoleProps {
    /// The description of the role. Default: none.
    pub description: String,
    /// The names of AWS managed policies, such as `service-role/AmazonEBSCSIDriverPolicy`. Default: none.
    pub managed_policies: Vec<&'static str>,
}

/// An existing role.
///
/// # Example
///
/// ```
/// # use meshsynth::Val;
/// use meshsynth::iam::ExistingRole;
///
/// let known = ExistingRole::arn("arn:aws:iam::111122223333:role/ci/deploy");
/// let exported = ExistingRole { arn: Val::exported("security-DeployRoleArn"), ..known };
/// ```
#[derive(Clone, Debug)]
pub struct ExistingRole {
    /// Its ARN. If it is known only at deployment, the role must have no path, because its name is the part after
    /// `role/`.
    pub arn: Val<RoleArn>,
    /// Whether only its owner writes its policies. Grants then become owner tasks, as for a role of another account.
    /// `ExistingRole::arn` sets no.
    pub owner_writes_policies: bool,
}

impl ExistingRole {
    /// Refers to a role by its ARN. Policies can be added to it.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: RoleArn::new(arn).into(), owner_writes_policies: false }
    }
}

/// An IAM role. Grants add statements to its policy, which is defined with the first grant.
///
/// A workload, a build project or a function already has a role. Use this construct for other principals, such as a
/// user or an AWS service.
///
/// The grants of an imported role are a separate inline policy, which is deleted with the stack. The trust policy, and
/// the policies of a role in another account, must be changed by the role's owner.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ARN of a role.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, iam, s3};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let reports = s3::Bucket::new(&data, "reports", s3::BucketProps::default());
/// let auditor = iam::Role::new(&data, "auditor", iam::Trust::Account, iam::RoleProps::default());
/// reports.grant_read(&auditor);
///
/// let mailer = iam::Role::import(&data, "mailer", iam::ExistingRole::arn("arn:aws:iam::111122223333:role/mailer"));
/// reports.grant_read(&mailer);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html>
#[derive(Clone)]
pub struct Role {
    scope: Scope,
    arn: Val<RoleArn>,
    name: Val<String>,
    /// The scope in which the policy for grants is defined.
    grants: Scope,
    owner_writes_policies: bool,
}

/// The ARN format of a role.
const FORM: ArnForm =
    ArnForm { what: "IAM role", service: "iam", resource: "role/", example: "arn:aws:iam::111122223333:role/deploy" };

/// The paths of roles that only AWS can change.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
const OF_AWS: [&str; 2] = ["role/aws-service-role/", "role/aws-reserved/"];

impl Role {
    /// Defines a role with the trust policy `trust`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, trust: Trust, props: RoleProps) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("role"));
        let document = match trust {
            Trust::Service(service) => Val::from(trusted("Service", Val::from(service))),
            Trust::Account => {
                let account = crate::text!["arn:", scope.partition(), ":iam::", scope.account(), ":root"];
                Val::from(trusted("AWS", account))
            }
            Trust::Document(document) => document,
        };
        let mut role = cfn::iam::Role::new(document);
        if !props.description.is_empty() {
            role = role.description(props.description);
        }
        if !props.managed_policies.is_empty() {
            let arn = |name: &str| crate::text!["arn:", scope.partition(), format!(":iam::aws:policy/{name}")];
            role = role.managed_policy_arns(props.managed_policies.into_iter().map(arn).collect::<Vec<_>>());
        }
        let role = role.define(&scope, "resource");
        Self::of(scope, &role)
    }

    /// Refers to an existing role. Its trust policy and its existing policies are not changed.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingRole) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("role").detail("exists already"));
        let parts = FORM.check(&scope, &existing.arn);
        let of_aws = |arn: &Arn| OF_AWS.iter().any(|path| arn.resource.starts_with(path));
        let is_foreign = parts.as_ref().is_some_and(|arn| arn.is_foreign(&scope) || of_aws(arn));
        let arn = scope.read_here(existing.arn);
        let name = match parts.as_ref().and_then(|arn| arn.resource.rsplit('/').next()) {
            Some(name) => Val::from(name),
            None if arn.known().is_some() => Val::from(scope.id()),
            None => arn.clone().into_text().piece(":role/", 1),
        };
        let owner_writes_policies = existing.owner_writes_policies || is_foreign;
        Self { grants: scope.clone(), scope, arn, name, owner_writes_policies }
    }

    /// Returns the handle of a role whose construct is already defined.
    pub(crate) fn at(scope: Scope) -> Option<Self> {
        let role = Resource::at(scope.child("resource")?);
        Some(Self::of(scope, &role))
    }

    pub(super) fn of(scope: Scope, role: &Resource<cfn::iam::Role>) -> Self {
        let (arn, name) = (role.arn(), role.attr("Ref"));
        Self { grants: scope.clone(), scope, arn, name, owner_writes_policies: false }
    }

    /// Returns a handle of the same role. Grants to this handle become a separate policy in `scope`.
    ///
    /// Therefore, the stack of the role does not depend on the granted resources. The policy is deployed and deleted
    /// with the construct that needs it.
    pub(crate) fn granted_in(&self, scope: &Scope) -> Self {
        Self { grants: scope.clone(), ..self.clone() }
    }

    /// Returns the ARN of the role.
    pub fn arn(&self) -> Val<RoleArn> {
        self.arn.clone()
    }

    /// Returns the name of the role.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Adds a statement to the policy. Statements are sorted and merged, and duplicates are removed.
    #[track_caller]
    pub fn allow(&self, statement: Statement) -> &Self {
        let at = self.scope.user_line(Location::caller());
        self.open_ways(&statement, &self.scope.region(), at, false);
        self.add_statement(statement)
    }

    #[track_caller]
    fn add_statement(&self, statement: Statement) -> &Self {
        if self.owner_writes_policies {
            self.grants.owner_task(OwnerTask {
                owner: self.arn().into(),
                what: "add the statement to a policy of the role".to_owned(),
                document: Some(statement.into_data(None)),
            });
            return self;
        }
        let policy = self.grants.singleton("policy", || {
            let document = Bag::default().with("Version", "2012-10-17").with("Statement", Data::List(Vec::new()));
            let name = match self.grants.node() == self.scope.node() {
                true => "grants".to_owned(),
                false => crate::name::fit(&format!("grants-{}", self.grants.path().replace('/', "-")), 128),
            };
            cfn::iam::RolePolicy::new(name, self.name())
                .policy_document(document)
                .define(&self.grants, "policy")
                .scope()
                .clone()
        });
        policy.add("PolicyDocument.Statement", statement.into_data(None));
        self
    }

    /// Adds a statement about `resource` to the policy, and records the edge.
    #[track_caller]
    pub(crate) fn grant(&self, grantee: &impl Construct, resource: &Scope, statement: Statement) {
        let at = grantee.scope().user_line(Location::caller());
        let (from, to) = (grantee.scope().node(), resource.node());
        grantee.scope().edge(Edge { from, to, kind: EdgeKind::Grant, port: None, at });
        self.check_accounts(grantee.scope(), resource, &statement);
        self.open_ways(&statement, &resource.region(), at, true);
        self.add_statement(statement);
    }

    /// Notifies the constructs that run with the role about a new permission, so that they also allow the network
    /// connection.
    fn open_ways(&self, statement: &Statement, region: &str, at: At, is_grant: bool) {
        let region = statement.region().unwrap_or(region);
        allowed::tell(&self.scope, &Allowed { actions: statement.called(), region, at, is_grant });
    }

    /// Calls `open` for each existing and later permission of the role. `open` allows the network connection that the
    /// permission needs.
    pub(crate) fn when_allowed(&self, open: impl Fn(&Allowed<'_>) + 'static) {
        allowed::listen(&self.scope, open);
    }
}

impl Construct for Role {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Role {
    fn role(&self) -> Role {
        self.clone()
    }
}

fn trusted(kind: &'static str, principal: Val<String>) -> Bag {
    let principal = Bag::default().with(kind, principal);
    let statement = Statement::allow(["sts:AssumeRole"]).into_data(Some(principal));
    Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement])
}

/// Returns the trust policy of a web identity, with exactly one subject and one audience of an issuer.
///
/// The condition *keys* contain the issuer, so the document is text.
pub(crate) fn web_identity_trust(provider_arn: Val<String>, issuer: Val<String>, subject: &str) -> Val<Json> {
    web_identity_or_role_trust(provider_arn, issuer, subject, None)
}

/// Returns the trust policy of a web identity, and optionally of another role that may also assume the role.
pub(crate) fn web_identity_or_role_trust(
    provider_arn: Val<String>,
    issuer: Val<String>,
    subject: &str,
    role_arn: Option<Val<RoleArn>>,
) -> Val<Json> {
    let issuer = || Part::from(issuer.clone());
    let text = |text: &str| Part::Text(Key::Owned(text.to_owned()));
    let mut parts = vec![
        text(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":""#),
        Part::from(provider_arn),
        text(r#""},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{""#),
        issuer(),
        text(r#":aud":"sts.amazonaws.com",""#),
        issuer(),
        text(&format!(r#":sub":"{subject}"}}}}}}"#)),
    ];
    if let Some(arn) = role_arn {
        parts.push(text(r#",{"Effect":"Allow","Principal":{"AWS":""#));
        parts.push(Part::from(arn));
        parts.push(text(r#""},"Action":"sts:AssumeRole"}"#));
    }
    parts.push(text("]}"));
    Val::doc(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn merges_duplicate_statements() {
        let platform = Platform::synth("shop", |app| {
            let trust = Trust::Service("lambda.amazonaws.com");
            let role = Role::new(&stack(app, "run"), "worker", trust, RoleProps::default());
            let read = || Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::shop/*");
            role.allow(read()).allow(read());
        });
        let statements = &platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"];
        assert_eq!(statements.as_array().map(Vec::len), Some(1), "{statements}");
    }

    #[test]
    fn role_without_grants_has_no_policy() {
        let platform = Platform::synth("shop", |app| {
            Role::new(&stack(app, "run"), "worker", Trust::Account, RoleProps::default());
        });
        assert!(platform.resources("AWS::IAM::RolePolicy").is_empty());
        let trust = &platform.resource("AWS::IAM::Role").props["AssumeRolePolicyDocument"]["Statement"][0];
        assert!(trust["Principal"]["AWS"].to_string().contains(":root"), "{trust}");
    }

    fn imported(arn: &str) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let role = Role::import(&data, "mailer", ExistingRole::arn(arn));
            Queue::new(&data, "mails", QueueProps::default()).grant_receive(&role);
        })
    }

    #[test]
    fn grants_to_imported_role_are_separate_policy() {
        let platform = imported("arn:aws:iam::111122223333:role/ci/mailer");
        assert!(platform.resources("AWS::IAM::Role").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props;
        assert_eq!(policy["RoleName"], "mailer");
        let text = policy.to_string();
        assert!(text.contains("sqs:ReceiveMessage") && text.contains("kms:Decrypt"), "{text}");
    }

    #[test]
    fn grants_to_foreign_role_are_owner_tasks() {
        for arn in ["arn:aws:iam::444455556666:role/mailer", "arn:aws:iam::111122223333:role/aws-reserved/sso/mailer"] {
            let platform = imported(arn);
            assert!(platform.resources("AWS::IAM::RolePolicy").is_empty());
            let owners = &platform.assembly.files["owners.json"];
            assert!(owners.contains(arn) && owners.contains("sqs:ReceiveMessage"), "{owners}");
        }
    }

    #[test]
    fn reports_role_name_instead_of_arn() {
        let found = crate::testing::codes(|app| {
            let data = stack(app, "data");
            let role = Role::import(&data, "mailer", ExistingRole::arn("mailer"));
            Queue::new(&data, "mails", QueueProps::default()).grant_receive(&role);
        });
        assert_eq!(found, ["MS0130"]);
    }
}
