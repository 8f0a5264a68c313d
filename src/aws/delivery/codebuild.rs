//! AWS CodeBuild projects.

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

/// The processor architecture of a build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Machine {
    /// Graviton, for arm64 images.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

/// Properties of a [`Project`].
#[derive(Clone)]
pub struct ProjectProps {
    /// The processor architecture. Default: Graviton.
    pub machine: Machine,
    /// The compute type of CodeBuild. Default: `BUILD_GENERAL1_SMALL`.
    pub size: String,
    /// Whether the build can run containers, which requires privileged mode. [`Project::of_image`] always enables it.
    /// Default: no.
    pub docker: bool,
    /// Whether the buildspec has `artifacts` for later stages of the pipeline. [`Project::of_image`] always enables it.
    /// Default: no.
    pub artifacts: bool,
    /// The build timeout. Default: 30 minutes.
    pub timeout: Duration,
    /// The key that encrypts the artifacts and the logs. Default: a separate key.
    pub key: Option<Key>,
    /// Environment variables. Secrets are not accepted and do not compile. Default: none.
    pub env: Vec<(String, Val<String>)>,
    /// The log retention in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy of the log group. Default: the log group is kept.
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

/// The build settings of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The name of the service in `imagedefinitions.json`. Default: the construct's id.
    pub service: Option<String>,
    /// The Dockerfile. Default: `Dockerfile`.
    pub dockerfile: String,
    /// The build context, a folder. Default: the whole source.
    pub context: String,
    /// Commands that must succeed before the image is built, such as tests. Default: none.
    pub checks: Vec<String>,
}

impl Default for Image {
    fn default() -> Self {
        Self { service: None, dockerfile: "Dockerfile".to_owned(), context: ".".to_owned(), checks: Vec::new() }
    }
}

/// A build project with a separate role. A [pipeline](super::codepipeline::Pipeline) runs it.
///
/// The role may write to the log group of the project. The pipeline and grants add further permissions.
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
    /// The role of the project, or `None` if the role of a bare project is unknown.
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
            // The schema does not mark the resource as taggable, so the tags of the app are not added automatically.
            .tags([shape::Tag::new("meshsynth:app", scope.app_name())])
            .timeout_in_minutes(props.timeout.as_seconds().div_ceil(60) as u32)
            .define(&scope, "resource");
        Self { scope, role: Some(role), project, has_artifacts: props.artifacts }
    }

    /// Defines a bare project, without a role, a key or logs.
    ///
    /// # Diagnostics
    ///
    /// - `MS0334`: a grant to a project whose role is unknown.
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

    /// Sets the role of a bare project. Grants to the project are then grants to this role.
    #[must_use]
    pub fn with_role(self, role: &Role) -> Self {
        Self { role: Some(role.clone()), ..self }
    }

    /// Returns the resource of the project, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<codebuild::Project> {
        Resource::of(self, "resource")
    }

    /// Defines a project that builds an image of each commit. It pushes the image with the commit hash as the tag.
    ///
    /// The buildspec logs in to the registry and runs the checks. It then builds and pushes the image, and creates
    /// `imagedefinitions.json` for later stages.
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

    /// Defines a project that adds the tag `release-<commit>` to the image of a commit. Use it in a stage after the
    /// approval.
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

    /// Returns whether its builds produce artifacts for a pipeline.
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
        let message = format!("the grant to `{}` requires its role, which is unknown", self.scope.path());
        self.scope.report(Diagnostic::error("MS0334", message).help("call `with_role` with the role of the project"));
        // This role is never deployed, because the error stops the synthesis.
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
    fn buildspec_runs_its_steps_in_order() {
        let platform = platform();
        let source = &platform.resource("AWS::CodeBuild::Project").props["Source"];
        let buildspec = source["BuildSpec"].as_str().expect("it is plain text");
        let steps = ["docker login", "- \"make test\"", "docker build", "docker push", "imagedefinitions.json"];
        let at: Vec<_> = steps.iter().map(|step| buildspec.find(step)).collect();
        assert!(at.is_sorted() && at.iter().all(Option::is_some), "{at:?} in {buildspec}");
        assert!(buildspec.contains("CODEBUILD_RESOLVED_SOURCE_VERSION") && !buildspec.contains("{{"), "{buildspec}");
    }

    #[test]
    fn build_role_uses_wildcard_resource_only_for_registry_login() {
        let platform = platform();
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"].clone();
        for statement in policy.as_array().into_iter().flatten() {
            let is_login = statement["Action"] == serde_json::json!(["ecr:GetAuthorizationToken"]);
            assert_eq!(statement["Resource"] == serde_json::json!(["*"]), is_login, "{statement}");
        }
        assert!(policy.to_string().contains("OrdersBuildLogs"), "{policy}");
    }
}
