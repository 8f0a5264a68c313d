//! Defines a service-mesh platform in typed Rust, and compiles it to consistent
//! CloudFormation templates and Kubernetes manifests.
//!
//! A program creates an [`App`] with [`Stack`]s and defines constructs in them. [`App::synth`] compiles the program in
//! these passes, in this order:
//!
//! 1. **freeze** – converts the construct tree to plain data ([`tree`], [`node`]);
//! 2. **check shapes** – checks every resource and object against its schema ([`facts`]);
//! 3. **link** – converts references to `Ref`, exports, outputs and bindings;
//! 4. **check graph** – runs the [`rules`] over the whole platform;
//! 5. **emit** – returns an [`Assembly`]: files as data, without writing them to disk.
//!
//! The library is deterministic: it reads no files, network, environment variables or clock.

mod app;
mod check;
mod json;
mod manifest;
mod output;
mod parameter;
mod sections;
mod stack;
mod synth;
mod template;
mod writing;

pub mod aws;
pub mod mesh;
pub mod policy;
pub mod policy_file;
pub mod reach;
pub mod rules;
pub mod testing;
#[doc(hidden)]
pub mod yaml;

pub use app::App;
pub use aws::edge::{acm, cloudfront, elbv2, globalaccelerator, route53, wafv2};
pub use aws::{
    backup, bedrock, cloudformation, cloudwatch, codebuild, codepipeline, cognito, dynamodb, ecr, efs, eks,
    elasticache, events, iam, kms, lambda, logs, mq, msk, opensearch, rds, s3, scheduler, secrets, sns, sqs, ssm,
    stepfunctions, xray,
};
pub use check::{Contents, Release, World, check, constructs};
pub use manifest::Manifest;
pub use mesh::KubernetesCluster;
#[doc(inline)]
pub use meshsynth_cfn as cfn;
#[doc(inline)]
pub use meshsynth_facts as facts;
#[doc(inline)]
pub use meshsynth_kube as kube;
use meshsynth_model::hash;
#[doc(inline)]
pub use meshsynth_model::{
    At, Cidr, Construct, DiagramNode, Duration, Env, FORMAT_VERSION, Gib, Mib, Millicores, Object, OnDelete, OwnerTask,
    Percent, Resource, Scope, Secret, Val, Wave, diag, diagram, exception, intrinsic, list, map, name, node,
    owner_task, smoke_test, text, tree, units, val,
};
pub use output::Output;
pub use parameter::Parameter;
pub use stack::Stack;
pub use synth::{Assembly, Failure, TemplateFormat};
pub use template::{Template, check_templates};

/// The programs in the README and the docs compile and run.
#[cfg(doctest)]
mod docs {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/graph.md")]
    struct Graph;
    #[doc = include_str!("../docs/escape-hatches.md")]
    struct EscapeHatches;
    #[doc = include_str!("../docs/guides/existing-yaml.md")]
    struct ExistingYaml;
    #[doc = include_str!("../docs/guides/canary.md")]
    struct Canary;
    #[doc = include_str!("../docs/guides/tokens-by-cognito.md")]
    struct TokensByCognito;
    #[doc = include_str!("../docs/guides/events.md")]
    struct Events;
    #[doc = include_str!("../docs/guides/jobs-and-migrations.md")]
    struct JobsAndMigrations;
    #[doc = include_str!("../docs/guides/stateful-workload.md")]
    struct StatefulWorkload;
    #[doc = include_str!("../docs/guides/second-region.md")]
    struct SecondRegion;
    #[doc = include_str!("../docs/guides/write-a-test.md")]
    struct WriteATest;
    #[doc = include_str!("../docs/guides/write-a-rule.md")]
    struct WriteARule;
    #[doc = include_str!("../docs/from/plain-yaml.md")]
    struct FromPlainYaml;
    #[doc = include_str!("../docs/roles-and-statements.md")]
    struct RolesAndStatements;
    #[doc = include_str!("../docs/guides/rate-limits.md")]
    struct RateLimits;
    #[doc = include_str!("../docs/guides/upgrade-istio.md")]
    struct UpgradeIstio;
    #[doc = include_str!("../docs/reach.md")]
    struct Reach;
    #[doc = include_str!("../docs/slo.md")]
    struct Slo;
    #[doc = include_str!("../docs/mesh.md")]
    struct Mesh;
    #[doc = include_str!("../docs/cookbook/ids-of-children.md")]
    struct CookbookIdsOfChildren;
    #[doc = include_str!("../docs/cookbook/import-what-exists.md")]
    struct CookbookImportWhatExists;
    #[doc = include_str!("../docs/cookbook/paths-of-typed-resources.md")]
    struct CookbookPathsOfTypedResources;
    #[doc = include_str!("../docs/cookbook/who-may-be-a-client.md")]
    struct CookbookWhoMayBeAClient;
}
