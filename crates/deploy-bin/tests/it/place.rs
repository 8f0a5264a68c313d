//! A folder without a project, with AWS and a cluster on the loopback interface.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use meshsynth_deploy::cloud::{Stack, StackResource};
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::server::Server;
use crate::world::Kept;

pub struct Place {
    pub root: PathBuf,
    pub aws: Endpoint,
    pub server: Server,
}

impl Place {
    pub fn new(case: &str) -> Self {
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("by-name").join(case);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        Self { root, aws: Endpoint::start(), server: Server::start() }
    }

    pub fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Adds a stack with parameter values and the names of nested stacks.
    pub fn stack(&self, name: &str, template: &str, values: &[(&str, &str)], nested: &[(&str, &str)]) -> &Self {
        let values: BTreeMap<String, String> = values.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let stack = Stack {
            id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"),
            name: name.to_owned(),
            status: "UPDATE_COMPLETE".to_owned(),
            parameters: values.keys().cloned().collect(),
            values,
            ..Stack::default()
        };
        let row = |(id, physical): &(&str, &str)| {
            let kind = "AWS::CloudFormation::Stack".to_owned();
            let physical = format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{physical}/1");
            (
                (*id).to_owned(),
                StackResource { id: (*id).to_owned(), physical, kind, status: "CREATE_COMPLETE".to_owned() },
            )
        };
        let resources = nested.iter().map(row).collect();
        let kept = Kept { stack, template: template.to_owned(), resources, ..Kept::default() };
        self.aws.world.lock().unwrap().stacks.insert(("eu-west-1".to_owned(), name.to_owned()), kept);
        self
    }

    /// Adds an object that a field manager applied.
    pub fn object(&self, path: &str, manager: &str, object: &Value) -> &Self {
        let cluster = self.server.cluster.lock().unwrap();
        let mut bare = object.clone();
        bare.as_object_mut().unwrap().retain(|key, _| ["apiVersion", "kind"].contains(&key.as_str()));
        bare["metadata"] =
            json!({ "name": object["metadata"]["name"], "namespace": object["metadata"]["namespace"], "uid": "1" });
        cluster.objects.borrow_mut().insert(path.to_owned(), bare);
        cluster.edit(path, manager, |it| *it = object.clone());
        drop(cluster);
        self
    }

    pub fn kubeconfig(&self) -> &Self {
        let context = |name: &str| json!({ "name": name, "context": { "cluster": "one", "user": "me" } });
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "one",
            "clusters": [{ "name": "one", "cluster": { "server": self.server.address } }],
            "users": [{ "name": "me", "user": { "token": "not a secret" } }],
            "contexts": [context("one"), context("tokyo")]
        });
        self.write("kubeconfig", &config.to_string())
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(crate::BINARY);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        let nowhere = self.root.join("nowhere");
        command.args(args).current_dir(&self.root).env("HOME", &nowhere).env("COLUMNS", "200").env("NO_COLOR", "1");
        command.env("KUBECONFIG", self.root.join("kubeconfig")).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
        command.env("GIT_CEILING_DIRECTORIES", self.root.parent().unwrap());
        command
    }

    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = self.command(args);
        command.env("AWS_ENDPOINT_URL", &self.aws.address).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "not a secret");
        said(&mut command)
    }

    /// Compares with the deployed state. Returns the exit code and the report.
    #[track_caller]
    pub fn diff(&self, more: &[&str]) -> (i32, String) {
        let (code, report, errors) = self.run(&[&["diff", "--base", "deployed", "--exit-code"], more].concat());
        assert!(code < 2, "{errors}");
        (code, report)
    }

    #[track_caller]
    pub fn fails(&self, more: &[&str]) -> String {
        let (code, _, errors) = self.run(&[&["diff", "--base", "deployed"], more].concat());
        assert_eq!(code, 2, "{errors}");
        errors
    }
}

pub fn said(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

pub const DATA: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: { Type: String, Default: dev }
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${Stage}-orders'
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30
";

pub fn deployment(image: &str, env: &[&str]) -> Value {
    let env: Vec<Value> = env.iter().map(|name| json!({ "name": name, "value": "1" })).collect();
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "shop", "labels": { "app.kubernetes.io/instance": "shop" } },
        "spec": {
            "replicas": 2, "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": image, "env": env, "ports": [{ "containerPort": 80 }] }] }
            }
        }
    })
}

pub fn namespace() -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } })
}
