//! Build projects of AWS CodeBuild.

use super::template::render;
use crate::Resource;
use crate::aws::data;
use crate::aws::kms::Key;
use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::aws::policy::trust_for_this_account;
use crate::cfn::codebuild;
use crate::cfn::codebuild::project as shape;
use crate::diag::Diagnostic;
use crate::ecr;
use crate::iam::{Grantee, Role, RoleProps, Statement};
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{IntoVal, Val, Value};

/// What a build runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Machine {
    /// Graviton, for images of arm64.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

/// Properties of a [`Project`].
#[derive(Clone)]
pub struct ProjectProps {
    /// What it runs on. Default: Graviton.
    pub machine: Machine,
    /// Its size, in CodeBuild's words. Default: `BUILD_GENERAL1_SMALL`.
    pub size: String,
    /// Whether it may run containers, which takes a privileged one. Default: no; [`Project::of_image`] always may.
    pub docker: bool,
    /// Whether its buildspec has `artifacts`, which a pipeline takes over. Default: no; [`Project::of_image`] has.
    pub artifacts: bool,
    /// The longest that a build takes. Default: 30 minutes.
    pub timeout: Duration,
    /// The key that encrypts what it hands on and its logs. Default: one of its own.
    pub key: Option<Key>,
    /// Environment variables. A secret is not accepted here and does not compile. Default: none.
    pub env: Vec<(String, Val<String>)>,
    /// Days that its logs are kept. Default: 30.
    pub log_retention_days: u16,
    /// What happens to its logs when it leaves the stack. Default: they are kept.
    pub logs_on_delete: OnDelete,
}

impl Default for ProjectProps {
    fn default() -> Self {
        Self {
            machine: Machine::default(),
            size: "BUILD_GENERAL1_SMALL".to_owned(),
            docker: false,
            artifacts: false,
            timeout: Duration::minutes(30),
            key: None,
            env: Vec::new(),
            log_retention_days: 30,
            logs_on_delete: OnDelete::Retain,
        }
    }
}

/// What an image is built of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The name of the service in `imagedefinitions.json`. Default: the construct's id.
    pub service: Option<String>,
    /// The Dockerfile. Default: `Dockerfile`.
    pub dockerfile: String,
    /// The folder that is built. Default: the whole source.
    pub context: String,
    /// Commands that must succeed before the image is built, such as tests. Default: none.
    pub checks: Vec<String>,
}

impl Default for Image {
    fn default() -> Self {
        Self { service: None, dockerfile: "Dockerfile".to_owned(), context: ".".to_owned(), checks: Vec::new() }
    }
}

/// A build project that a [pipeline](super::codepipeline::Pipeline) runs, with a role of its own.
///
/// The role may write its own log group and what the pipeline and grants give it, nothing else.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, codebuild, ecr};
/// # let app = App::new("shop");
/// # let delivery = Stack::new(&app, "delivery", Env::region("eu-west-1"));
/// let images = ecr::Repository::new(&delivery, "orders", ecr::RepositoryProps::default());
/// let build = codebuild::Project::of_image(&delivery, "orders-build", &images, codebuild::Image {
///     checks: vec!["./mvnw --batch-mode verify".into()],
///     ..Default::default()
/// }, Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html>
#[derive(Clone)]
pub struct Project {
    scope: Scope,
    /// Its role; of a bare one it may not be known.
    role: Option<Role>,
    project: Resource<codebuild::Project>,
    has_artifacts: bool,
}

impl Project {
    /// Defines a project that runs a buildspec, as text.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, buildspec: impl IntoVal<String>, props: ProjectProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = data::physical_name(&scope, 255);
        let description = format!("Builds of {}.", scope.path());
        let service = trust_for_this_account(&scope, "codebuild.amazonaws.com");
        let role = Role::new(&scope, "role", service, RoleProps { description, ..Default::default() });
        let key = data::key_or_own(&scope, props.key.clone());
        let logs = LogGroup::new(
            &scope,
            "logs",
            LogGroupProps {
                name: Some(format!("/aws/codebuild/{name}")),
                retention_days: props.log_retention_days,
                key: Some(key.clone()),
                on_delete: props.logs_on_delete,
            },
        );
        role.allow(Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"]).on(logs.arn()));
        key.grant_encrypt_decrypt(&role);
        let to_logs = shape::CloudWatchLogsConfig::new("ENABLED").group_name(logs.name());
        let project = codebuild::Project::new(
            shape::Artifacts::new("CODEPIPELINE"),
            environment(&props),
            role.arn(),
            shape::Source::new("CODEPIPELINE").build_spec(buildspec.into_val()),
        );
        let project = project
            .name(name)
            .description(format!("{} of {}", scope.id(), scope.app_name()))
            .encryption_key(key.arn())
            .logs_config(shape::LogsConfig::new().cloud_watch_logs(to_logs))
            // Its schema does not say that it takes tags, so those of the app do not come by themselves.
            .tags([shape::Tag::new("meshsynth:app", scope.app_name())])
            .timeout_in_minutes(props.timeout.as_seconds().div_ceil(60) as u32)
            .define(&scope, "resource");
        Self { scope, role: Some(role), project, has_artifacts: props.artifacts }
    }

    /// Defines a project that is what its resource says, and nothing beside it: neither a role, nor a key, nor logs.
    ///
    /// # Diagnostics
    ///
    /// - `MS0334`: something is granted to a project whose role was not given.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::codebuild::project as shape;
    /// # use meshsynth::{App, Env, Stack, cfn, codebuild, ecr, iam};
    /// # let app = App::new("shop");
    /// # let delivery = Stack::new(&app, "delivery", Env::region("eu-west-1"));
    /// # let images = ecr::Repository::new(&delivery, "images", Default::default());
    /// # let role = iam::Role::new(&delivery, "role", iam::Trust::Service("codebuild.amazonaws.com"), Default::default());
    /// let environment = shape::Environment::new("BUILD_GENERAL1_SMALL", "aws/codebuild/standard:7.0", "LINUX_CONTAINER");
    /// let artifacts = shape::Artifacts::new("NO_ARTIFACTS");
    /// let build = cfn::codebuild::Project::new(artifacts, environment, role.arn(), shape::Source::new("NO_SOURCE"));
    /// let build = codebuild::Project::bare(&delivery, "build", build).with_role(&role);
    /// build.resource().logical_id("Build");
    /// images.grant_push(&build);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, project: codebuild::Project) -> Self {
        let scope = scope.scope().construct(id);
        let said = project.clone().into_data();
        let has_artifacts = said.at("Artifacts.Type").is_some_and(|it| it.as_str() != Some("NO_ARTIFACTS"));
        let project = project.define(&scope, "resource");
        Self { scope, role: None, project, has_artifacts }
    }

    /// Says which role a bare project runs under, so that grants to it are grants to its role.
    #[must_use]
    pub fn with_role(self, role: &Role) -> Self {
        Self { role: Some(role.clone()), ..self }
    }

    /// Returns the resource of the project, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<codebuild::Project> {
        Resource::of(self, "resource")
    }

    /// Defines a project that builds an image of each commit and pushes it, tagged with the commit.
    ///
    /// It logs in, runs the checks, builds, pushes, and hands on `imagedefinitions.json`.
    #[track_caller]
    pub fn of_image(
        scope: &impl Construct,
        id: &str,
        repository: &ecr::Repository,
        image: Image,
        mut props: ProjectProps,
    ) -> Self {
        let buildspec = render(include_str!("buildspec.yml"), &[("checks", &image.checks)]);
        (props.docker, props.artifacts) = (true, true);
        props.env.extend([
            ("REPOSITORY_URI".to_owned(), repository.uri()),
            ("REPOSITORY_NAME".to_owned(), repository.name()),
            ("SERVICE".to_owned(), image.service.unwrap_or_else(|| id.to_owned()).into()),
            ("DOCKERFILE".to_owned(), image.dockerfile.into()),
            ("CONTEXT".to_owned(), image.context.into()),
        ]);
        let project = Self::new(scope, id, buildspec, props);
        repository.grant_push(&project);
        project.role().allow(Statement::allow(["ecr:DescribeImages"]).on(repository.arn()));
        project
    }

    /// Defines a project that gives the image of a commit the tag `release-<commit>`, to run after an approval.
    #[track_caller]
    pub fn release(scope: &impl Construct, id: &str, repository: &ecr::Repository, mut props: ProjectProps) -> Self {
        props.env.push(("REPOSITORY_NAME".to_owned(), repository.name()));
        let project = Self::new(scope, id, render(include_str!("release.yml"), &[]), props);
        let tag = Statement::allow(["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:PutImage"]);
        project.role().allow(tag.on(repository.arn()));
        project
    }

    /// Returns the name of the project.
    pub fn name(&self) -> Val<String> {
        self.project.reference()
    }

    /// Returns whether a pipeline takes something over from its builds.
    pub(super) fn has_artifacts(&self) -> bool {
        self.has_artifacts
    }

    /// Returns the ARN of the project.
    pub fn arn(&self) -> Val<String> {
        self.project.arn()
    }
}

impl Construct for Project {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Project {
    fn role(&self) -> Role {
        if let Some(role) = &self.role {
            return role.clone();
        }
        let message = format!("a grant to `{}`, whose role is not known", self.scope.path());
        self.scope.report(Diagnostic::error("MS0334", message).help("call `with_role` with its role"));
        // It is never deployed, since the grant is reported.
        let role = self.scope.singleton("nobody", || {
            let trust = trust_for_this_account(&self.scope, "codebuild.amazonaws.com");
            Role::new(&self.scope, "nobody", trust, RoleProps::default()).scope().clone()
        });
        Role::at(role).expect("the role was defined just now")
    }
}

/// Source: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html>
fn environment(props: &ProjectProps) -> shape::Environment {
    let (kind, image) = match props.machine {
        Machine::Arm64 => ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
        Machine::X86_64 => ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
    };
    let variable =
        |(name, value): &(String, Val<String>)| shape::EnvironmentVariable::new(name, value).type_("PLAINTEXT");
    let environment = shape::Environment::new(&props.size, image, kind).privileged_mode(props.docker);
    match props.env.is_empty() {
        true => environment,
        false => environment.environment_variables(props.env.iter().map(variable).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, Project, ProjectProps};
    use crate::ecr::{Repository, RepositoryProps};
    use crate::testing::{Platform, stack};

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let delivery = stack(app, "delivery");
            let images = Repository::new(&delivery, "orders", RepositoryProps::default());
            let image = Image { checks: vec!["make test".to_owned()], ..Image::default() };
            Project::of_image(&delivery, "orders-build", &images, image, ProjectProps::default());
        })
    }

    #[test]
    fn the_buildspec_logs_in_checks_builds_and_names_the_image() {
        let platform = platform();
        let source = &platform.resource("AWS::CodeBuild::Project").props["Source"];
        let buildspec = source["BuildSpec"].as_str().expect("it is plain text");
        let steps = ["docker login", "- \"make test\"", "docker build", "docker push", "imagedefinitions.json"];
        let at: Vec<_> = steps.iter().map(|step| buildspec.find(step)).collect();
        assert!(at.is_sorted() && at.iter().all(Option::is_some), "{at:?} in {buildspec}");
        assert!(buildspec.contains("CODEBUILD_RESOLVED_SOURCE_VERSION") && !buildspec.contains("{{"), "{buildspec}");
    }

    #[test]
    fn the_role_reaches_its_own_logs_and_repository_alone() {
        let platform = platform();
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"].clone();
        for statement in policy.as_array().into_iter().flatten() {
            let is_login = statement["Action"] == serde_json::json!(["ecr:GetAuthorizationToken"]);
            assert_eq!(statement["Resource"] == serde_json::json!(["*"]), is_login, "{statement}");
        }
        assert!(policy.to_string().contains("OrdersBuildLogs"), "{policy}");
    }
}
