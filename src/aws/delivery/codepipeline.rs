//! AWS CodePipeline pipelines.

use super::codebuild::Project;
use crate::Resource;
use crate::aws::policy::trust_for_this_account;
use crate::aws::sns;
use crate::cfn;
use crate::cfn::codeconnections;
use crate::cfn::codepipeline;
use crate::cfn::codepipeline::pipeline as shape;
use crate::iam::{Grantee, Role, RoleProps, Statement};
use crate::kms::{Key, KeyProps};
use crate::name;
use crate::s3;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val, Value};

pub use crate::cfn::codeconnections::connection::ProviderType as Provider;

/// A connection to a source provider, such as GitHub.
///
/// A new connection is pending. The owner of the source must approve it once in the console. If the connection is
/// removed from the stack, CloudFormation keeps it.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, codepipeline};
/// # let app = App::new("shop");
/// # let delivery = Stack::new(&app, "delivery", Env::region("eu-west-1"));
/// let github = codepipeline::Connection::new(&delivery, "github", codepipeline::Provider::GitHub);
/// let source = codepipeline::Source::new(github.arn(), "shop/orders", "main");
/// ```
///
/// Source: <https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-create-github.html>
#[derive(Clone)]
pub struct Connection {
    scope: Scope,
    connection: Resource<codeconnections::Connection>,
}

impl Connection {
    /// Defines a connection, named `<app>-<id>`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, provider: Provider) -> Self {
        let scope = scope.scope().construct(id);
        let connection = codeconnections::Connection::new(physical_name(&scope, 32))
            .provider_type(provider)
            .define(&scope, "resource");
        connection.retain();
        Self { scope, connection }
    }

    /// Returns the ARN of the connection.
    pub fn arn(&self) -> Val<String> {
        self.connection.connection_arn()
    }
}

impl Construct for Connection {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The source of a pipeline: a branch of a repository.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    connection: Val<String>,
    repository: String,
    branch: String,
}

impl Source {
    /// Refers to a branch of a repository such as `shop/orders` through the ARN of a connection.
    pub fn new(connection: impl IntoVal<String>, repository: &str, branch: &str) -> Self {
        Self { connection: connection.into_val(), repository: repository.to_owned(), branch: branch.to_owned() }
    }

    /// Returns the IAM action for using the connection. Its prefix must match the ARN of the connection, because AWS
    /// renamed the service.
    ///
    /// Source: <https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html>
    fn action(&self) -> &'static str {
        match self.connection.known().is_some_and(|arn| arn.contains(":codestar-connections:")) {
            true => "codestar-connections:UseConnection",
            false => "codeconnections:UseConnection",
        }
    }
}

/// Properties of a [`Pipeline`].
#[derive(Clone, Default)]
pub struct PipelineProps {
    /// The bucket that stores artifacts between stages. Pipelines can share it. Default: a separate bucket from
    /// [`artifacts`].
    pub artifacts: Option<s3::Bucket>,
}

/// Defines an artifact bucket for pipelines, encrypted with a separate key. Objects expire after 30 days.
///
/// `access_logs` is the bucket that receives the access logs, if any.
#[track_caller]
pub fn artifacts(scope: &impl Construct, id: &str, access_logs: Option<s3::Bucket>) -> s3::Bucket {
    let key = Key::new(scope, &format!("{id}-key"), KeyProps::default());
    let kept = s3::BucketProps { expire_days: Some(30), old_version_days: 7, ..Default::default() };
    s3::Bucket::new(scope, id, s3::BucketProps { key: Some(key), access_logs, ..kept })
}

/// A pipeline that starts with each commit to a branch.
///
/// Stages run in the order in which they are added. The role of a pipeline may use only the connection, the artifacts
/// and the projects of this pipeline.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, codebuild, codepipeline, ecr, sns};
/// # let app = App::new("shop");
/// # let delivery = Stack::new(&app, "delivery", Env::region("eu-west-1"));
/// # let images = ecr::Repository::new(&delivery, "images", ecr::RepositoryProps::default());
/// # let build = codebuild::Project::of_image(&delivery, "build", &images, Default::default(), Default::default());
/// # let release = codebuild::Project::release(&delivery, "release", &images, Default::default());
/// # let approvers = sns::Topic::new(&delivery, "approvers", Default::default());
/// let github = codepipeline::Connection::new(&delivery, "github", codepipeline::Provider::GitHub);
/// let source = codepipeline::Source::new(github.arn(), "shop/orders", "main");
/// codepipeline::Pipeline::new(&delivery, "orders", source, Default::default())
///     .add_build("build", &build)
///     .add_approval("approve", Some(&approvers))
///     .add_build("release", &release);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html>
#[derive(Clone)]
pub struct Pipeline {
    scope: Scope,
    role: Role,
    artifacts: s3::Bucket,
    pipeline: Resource<codepipeline::Pipeline>,
}

/// The name of the source artifact.
const SOURCE: &str = "source";

impl Pipeline {
    /// Defines a pipeline, named `<app>-<id>`, with its first stage: the source.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, source: Source, props: PipelineProps) -> Self {
        let scope = scope.scope().construct(id);
        let artifacts = props.artifacts.unwrap_or_else(|| artifacts(&scope, "artifacts", None));
        let description = format!("Pipeline {}.", scope.path());
        let service = trust_for_this_account(&scope, "codepipeline.amazonaws.com");
        let role = Role::new(&scope, "role", service, RoleProps { description, ..Default::default() });
        artifacts.grant_read_write(&role);
        role.allow(Statement::allow(["s3:GetBucketVersioning"]).on(artifacts.arn()));
        role.allow(Statement::allow([source.action()]).on(source.connection.clone()));
        let mut store = shape::ArtifactStore::new(artifacts.name(), shape::Type::S3);
        if let Some(key) = artifacts.key() {
            let key: Val<String> = key.arn().into();
            store = store.encryption_key(shape::EncryptionKey::new(key, "KMS"));
        }
        let action = action("source", shape::Category::Source, "CodeStarSourceConnection")
            .configuration(
                Bag::default()
                    .with("ConnectionArn", source.connection)
                    .with("FullRepositoryId", source.repository)
                    .with("BranchName", source.branch)
                    .with("OutputArtifactFormat", "CODE_ZIP")
                    .with("DetectChanges", "true"),
            )
            .namespace("source")
            .output_artifacts([shape::OutputArtifact::new(SOURCE)]);
        let pipeline = codepipeline::Pipeline::new(role.arn(), [shape::StageDeclaration::new([action], "source")])
            .name(physical_name(&scope, 100))
            .artifact_store(store)
            .pipeline_type(shape::PipelineType::V2)
            // Builds each commit, one after the other.
            .execution_mode(shape::ExecutionMode::Queued)
            .define(&scope, "resource");
        if let Some(policy) = role.scope().child("policy") {
            // A pipeline runs immediately after its creation, so its permissions must exist before it is created.
            pipeline.depends_on(&Resource::<cfn::iam::RolePolicy>::at(policy));
        }
        Self { scope, role, artifacts, pipeline }
    }

    /// Adds a stage that runs a project with the source artifact as input.
    #[track_caller]
    pub fn add_build(&self, stage: &str, project: &Project) -> &Self {
        self.artifacts.grant_read_write(project);
        let statement = Statement::allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"]);
        self.role.allow(statement.on(project.arn()));
        let action = action(stage, shape::Category::Build, "CodeBuild")
            .configuration(Bag::default().with("ProjectName", project.name()))
            .namespace(stage)
            .input_artifacts([shape::InputArtifact::new(SOURCE)]);
        let action = match project.has_artifacts() {
            true => action.output_artifacts([shape::OutputArtifact::new(stage)]),
            false => action,
        };
        self.add_stage(stage, action)
    }

    /// Adds a stage that waits up to a week for a manual approval. The topic receives a notification when the stage
    /// starts to wait.
    #[track_caller]
    pub fn add_approval(&self, stage: &str, topic: Option<&sns::Topic>) -> &Self {
        let mut configuration =
            Bag::default().with("CustomData", "#{source.BranchName} #{source.CommitId}: #{source.CommitMessage}");
        if let Some(topic) = topic {
            topic.grant_publish(&self.role);
            configuration.set("NotificationArn", topic.arn());
        }
        let action = action(stage, shape::Category::Approval, "Manual").configuration(configuration);
        self.add_stage(stage, action)
    }

    /// Adds a stage with one action that the other methods do not support.
    pub fn add_stage(&self, stage: &str, action: shape::ActionDeclaration) -> &Self {
        let declaration = shape::StageDeclaration::new([action], stage);
        self.pipeline.scope().change(|node| {
            if let Some(Data::List(stages)) = node.kind.body_mut().map(|body| body.place("Stages")) {
                stages.push(declaration.into_data());
            }
        });
        self
    }

    /// Returns the name of the pipeline.
    pub fn name(&self) -> Val<String> {
        self.pipeline.reference()
    }

    /// Returns the ARN of the pipeline.
    pub fn arn(&self) -> Val<String> {
        self.pipeline.arn()
    }
}

impl Construct for Pipeline {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Pipeline {
    fn role(&self) -> Role {
        self.role.clone()
    }
}

fn physical_name(scope: &Scope, max: usize) -> String {
    name::fit(&format!("{}-{}", scope.app_name(), scope.id()), max)
}

fn action(name: &str, category: shape::Category, provider: &str) -> shape::ActionDeclaration {
    shape::ActionDeclaration::new(shape::ActionTypeId::new(category, "AWS", provider, "1"), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::{Image, ProjectProps};
    use crate::testing::{Platform, stack};
    use crate::{App, ecr};

    fn pipeline(app: &App, connection: &str) -> Pipeline {
        let delivery = stack(app, "delivery");
        let images = ecr::Repository::new(&delivery, "images", ecr::RepositoryProps::default());
        let build = Project::of_image(&delivery, "build", &images, Image::default(), ProjectProps::default());
        let release = Project::release(&delivery, "release", &images, ProjectProps::default());
        let approvers = sns::Topic::new(&delivery, "approvers", sns::TopicProps::default());
        let source = Source::new(connection, "shop/orders", "main");
        let pipeline = Pipeline::new(&delivery, "orders", source, PipelineProps::default());
        pipeline.add_build("build", &build).add_approval("approve", Some(&approvers)).add_build("release", &release);
        pipeline
    }

    const CONNECTION: &str = "arn:aws:codeconnections:ap-northeast-1:111122223333:connection/c0ffee";

    #[test]
    fn stages_run_in_the_order_of_their_definition() {
        let platform = Platform::synth("shop", |app| drop(pipeline(app, CONNECTION)));
        let props = platform.resource("AWS::CodePipeline::Pipeline").props;
        let stages: Vec<_> = props["Stages"].as_array().into_iter().flatten().map(|it| it["Name"].clone()).collect();
        assert_eq!(stages, ["source", "build", "approve", "release"]);
        assert_eq!(props["ArtifactStore"]["EncryptionKey"]["Type"], "KMS");
        let hands_on = |stage: usize| props["Stages"][stage]["Actions"][0].get("OutputArtifacts").is_some();
        assert_eq!((hands_on(1), hands_on(3)), (true, false), "a release leaves nothing behind");
    }

    #[test]
    fn role_has_no_wildcard_permissions() {
        for (connection, action) in [
            (CONNECTION.to_owned(), "codeconnections:UseConnection"),
            (CONNECTION.replace("codeconn", "codestar-conn"), "codestar-connections:UseConnection"),
        ] {
            let platform = Platform::synth("shop", |app| drop(pipeline(app, &connection)));
            let policies = platform.resources("AWS::IAM::RolePolicy");
            let policy = policies.iter().find(|it| it.logical_id.starts_with("Orders")).expect("its policy").props;
            let text = policy.to_string();
            assert!(text.contains(action) && text.contains(&connection), "{text}");
            assert!(!text.contains("\"*\""), "{text}");
        }
    }
}
