//! The delivery pipelines of the services, from a commit to an approved image.

use meshsynth::codebuild::{Image, Project, ProjectProps};
use meshsynth::codepipeline::{self, Connection, Pipeline, PipelineProps, Provider, Source};
use meshsynth::s3::{Bucket, BucketProps};
use meshsynth::{App, Stack, sns};

use crate::Environment;
use crate::data::Data;

pub fn define(app: &App, env: &Environment, data: &Data) {
    let stack = Stack::new(app, "delivery", env.place());
    stack.describe("A pipeline per service: source, build, approval, release.");
    let github = Connection::new(&stack, "github", Provider::GitHub);
    let logs = BucketProps { expire_days: Some(90), old_version_days: 7, ..Default::default() };
    let logs = Bucket::new(&stack, "access-logs", logs);
    let artifacts = codepipeline::artifacts(&stack, "artifacts", Some(logs));
    let approvers = env.approvers.map(|address| {
        let key = artifacts.key().cloned();
        let topic = sns::Topic::new(&stack, "approvers", sns::TopicProps { key, ..Default::default() });
        topic.add_email("mail", address);
        topic
    });
    for service in &data.services {
        let name = service.name;
        let project = || ProjectProps { key: artifacts.key().cloned(), ..Default::default() };
        let image = Image {
            service: Some(name.to_owned()),
            checks: vec!["./gradlew --no-daemon check".to_owned()],
            ..Default::default()
        };
        let build = Project::of_image(&stack, &format!("{name}-build"), &service.images, image, project());
        let source = Source::new(github.arn(), &format!("genai-demo/{name}-service"), env.branch);
        let props = PipelineProps { artifacts: Some(artifacts.clone()) };
        let pipeline = Pipeline::new(&stack, name, source, props);
        pipeline.add_build("build", &build);
        if let Some(approvers) = &approvers {
            let release = Project::release(&stack, &format!("{name}-release"), &service.images, project());
            pipeline.add_approval("approve", Some(approvers)).add_build("release", &release);
        }
    }
}
