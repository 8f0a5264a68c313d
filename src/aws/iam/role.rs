//! A role and what it may do.

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

/// Who acts: whatever has a role that grants are given to.
pub trait Grantee: Construct {
    /// Returns the role that acts for it.
    fn role(&self) -> Role;
}

/// Who may assume a role.
pub enum Trust {
    /// An AWS service, such as `eks.amazonaws.com`.
    Service(&'static str),
    /// Whoever the policies of the stack's own account let assume it: people and pipelines.
    Account,
    /// A whole trust policy, as JSON; the place where a key may hold a value (IRSA).
    Document(Val<Json>),
}

/// Properties of a [`Role`].
#[derive(Clone, Debug, Default)]
pub struct RoleProps {
    /// What the role is for. Default: no description.
    pub description: String,
    /// AWS managed policies, by name, such as `service-role/AmazonEBSCSIDriverPolicy`. Default: none.
    pub managed_policies: Vec<&'static str>,
}

/// A role that exists already.
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
    /// Its ARN. Where only a deployment tells it, it must have no path: its name is what follows `role/`.
    pub arn: Val<RoleArn>,
    /// Whether its owner alone writes its policies: they are tasks of the owner then, as for a role of another account.
    /// `ExistingRole::arn` says no.
    pub owner_writes_policies: bool,
}

impl ExistingRole {
    /// The role with this ARN, to which a policy may be added.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: RoleArn::new(arn).into(), owner_writes_policies: false }
    }
}

/// An IAM role. Grants add statements to its policy, which is made with the first one.
///
/// A workload, a project or a function has a role already: this one is for what has none, such as a person or a service of AWS.
///
/// A role that exists already is imported: its grants are an inline policy of its own, which goes with the stack. What it
/// may do as a role of another account, and who may assume it, is its owner's to write.
///
/// # Diagnostics
///
/// - `MS0130`: what is imported is not the ARN of a role.
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
    /// Where the policy of its grants lies.
    grants: Scope,
    owner_writes_policies: bool,
}

/// How a role is named.
const FORM: ArnForm =
    ArnForm { what: "IAM role", service: "iam", resource: "role/", example: "arn:aws:iam::111122223333:role/deploy" };

/// The paths of roles that AWS alone changes.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
const OF_AWS: [&str; 2] = ["role/aws-service-role/", "role/aws-reserved/"];

impl Role {
    /// Defines a role that `trust` may assume.
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

    /// Refers to a role that exists already; neither its trust nor its own policies are changed.
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

    /// Returns the handle of a role whose construct is defined already.
    pub(crate) fn at(scope: Scope) -> Option<Self> {
        let role = Resource::at(scope.child("resource")?);
        Some(Self::of(scope, &role))
    }

    pub(super) fn of(scope: Scope, role: &Resource<cfn::iam::Role>) -> Self {
        let (arn, name) = (role.arn(), role.attr("Ref"));
        Self { grants: scope.clone(), scope, arn, name, owner_writes_policies: false }
    }

    /// The same role; what it is granted from here on is a policy of its own in `scope`.
    ///
    /// So the stack of the role need not wait for what it is granted on: the
    /// policy is deployed with what needs it, and goes with it.
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

    /// Allows what a statement says. Statements are sorted and folded; saying one twice is saying it once.
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

    /// Allows what a statement says about `resource`, and records the edge.
    #[track_caller]
    pub(crate) fn grant(&self, grantee: &impl Construct, resource: &Scope, statement: Statement) {
        let at = grantee.scope().user_line(Location::caller());
        let (from, to) = (grantee.scope().node(), resource.node());
        grantee.scope().edge(Edge { from, to, kind: EdgeKind::Grant, port: None, at });
        self.check_accounts(grantee.scope(), resource, &statement);
        self.open_ways(&statement, &resource.region(), at, true);
        self.add_statement(statement);
    }

    /// Tells whoever runs under the role what it is allowed, so that the way there is opened as well.
    fn open_ways(&self, statement: &Statement, region: &str, at: At, is_grant: bool) {
        let region = statement.region().unwrap_or(region);
        allowed::tell(&self.scope, &Allowed { actions: statement.called(), region, at, is_grant });
    }

    /// Has `open` open the way to whatever the role is allowed from here on.
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

/// Returns the trust policy of a web identity: exactly this subject and this audience of one issuer.
///
/// The issuer stands in the *keys* of the condition, so the document is text.
pub(crate) fn web_identity_trust(provider_arn: Val<String>, issuer: Val<String>, subject: &str) -> Val<Json> {
    web_identity_or_role_trust(provider_arn, issuer, subject, None)
}

/// Returns the same, and a role that may take this one too.
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
    fn what_is_allowed_twice_is_one_statement_of_one_policy() {
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
    fn a_role_without_a_grant_has_no_policy_and_one_trust() {
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
    fn grants_to_a_role_that_exists_are_a_policy_of_its_own() {
        let platform = imported("arn:aws:iam::111122223333:role/ci/mailer");
        assert!(platform.resources("AWS::IAM::Role").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props;
        assert_eq!(policy["RoleName"], "mailer");
        let text = policy.to_string();
        assert!(text.contains("sqs:ReceiveMessage") && text.contains("kms:Decrypt"), "{text}");
    }

    #[test]
    fn the_policy_of_a_role_of_another_account_is_a_task_of_its_owner() {
        for arn in ["arn:aws:iam::444455556666:role/mailer", "arn:aws:iam::111122223333:role/aws-reserved/sso/mailer"] {
            let platform = imported(arn);
            assert!(platform.resources("AWS::IAM::RolePolicy").is_empty());
            let owners = &platform.assembly.files["owners.json"];
            assert!(owners.contains(arn) && owners.contains("sqs:ReceiveMessage"), "{owners}");
        }
    }

    #[test]
    fn the_name_of_a_role_is_not_its_arn() {
        let found = crate::testing::codes(|app| {
            let data = stack(app, "data");
            let role = Role::import(&data, "mailer", ExistingRole::arn("mailer"));
            Queue::new(&data, "mails", QueueProps::default()).grant_receive(&role);
        });
        assert_eq!(found, ["MS0130"]);
    }
}
