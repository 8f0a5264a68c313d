//! Amazon Bedrock models and the permissions to invoke them.

use super::existing::ArnForm;
use super::iam::{Grantee, Statement};
use super::policy::own_arn;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{IntoVal, Val};

/// The geography of a cross-region inference profile.
///
/// The regions of a profile depend on the model. If the profile of a model has other regions than the variant, list
/// them with [`Geography::Regions`].
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Geography {
    /// Regions of the United States: `us.`.
    Us,
    /// Regions of the European Union: `eu.`.
    Eu,
    /// Regions of Asia and the Pacific: `apac.`.
    Apac,
    /// Regions of Japan: `jp.`.
    Japan,
    /// Regions of Australia: `au.`.
    Australia,
    /// Any commercial region: `global.`.
    Global,
    /// The prefix of the profile, such as `ca`, and its regions.
    Regions(String, Vec<String>),
}

impl Geography {
    fn prefix(&self) -> &str {
        match self {
            Geography::Us => "us",
            Geography::Eu => "eu",
            Geography::Apac => "apac",
            Geography::Japan => "jp",
            Geography::Australia => "au",
            Geography::Global => "global",
            Geography::Regions(prefix, _) => prefix,
        }
    }

    fn regions(&self) -> Vec<String> {
        let known: &[&str] = match self {
            Geography::Us => &["us-east-1", "us-east-2", "us-west-1", "us-west-2"],
            Geography::Eu => &["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"],
            Geography::Apac => &[
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-south-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-southeast-4",
            ],
            Geography::Japan => &["ap-northeast-1", "ap-northeast-3"],
            Geography::Australia => &["ap-southeast-2", "ap-southeast-4"],
            Geography::Global => &[],
            Geography::Regions(_, regions) => return regions.clone(),
        };
        known.iter().map(|region| (*region).to_owned()).collect()
    }
}

/// An existing model: the ARN of a provisioned, imported or custom model, or of an inference profile.
#[derive(Clone, Debug)]
pub struct ExistingModel {
    /// The ARN of the model or profile.
    pub arn: Val<String>,
}

impl ExistingModel {
    /// Refers to a model by its ARN.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val() }
    }
}

/// An Amazon Bedrock model. It defines no resource. [`grant_invoke`](Self::grant_invoke) allows a grantee to call the
/// model.
///
/// Many models can be called only through an inference profile, which routes each call to one of several regions. The
/// caller then needs permission for the profile and for the model in each of these regions. The grant contains both,
/// and allows the model only through that profile.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ARN of a model.
/// - `MS0336`: the calling region is not part of the profile.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, bedrock, testing};
/// # let app = App::new("shop");
/// # let run = Stack::new(&app, "ai", Env::region("eu-west-1"));
/// # let pricing = testing::workload(&app);
/// let model = "anthropic.claude-sonnet-4-20250514-v1:0";
/// let claude = bedrock::Model::inference_profile(&run, "claude", bedrock::Geography::Eu, model);
/// claude.grant_invoke(&pricing);
/// pricing.env("MODEL_ID", claude.id());
/// ```
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html>
#[derive(Clone)]
pub struct Model {
    scope: Scope,
    id: Val<String>,
    /// The ARN that callers invoke: the model or the profile.
    called: Val<String>,
    /// The ARNs of the models to which the profile routes calls.
    behind: Vec<Val<String>>,
}

impl Model {
    /// Refers to a foundation model in the region of the stack by its model ID, such as `amazon.nova-lite-v1:0`.
    #[track_caller]
    pub fn foundation(scope: &impl Construct, id: &str, model: &str) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("model").detail(format!("Bedrock, {model}")));
        let called = foundation(&scope, &scope.region(), model);
        Self { scope, id: model.into(), called, behind: Vec::new() }
    }

    /// Refers to a foundation model through a cross-region inference profile of AWS.
    #[track_caller]
    pub fn inference_profile(scope: &impl Construct, id: &str, geography: Geography, model: &str) -> Self {
        let scope = scope.scope().construct(id);
        let (here, prefix) = (scope.region(), geography.prefix().to_owned());
        scope.diagram(DiagramNode::new("model").detail(format!("Bedrock, {prefix}.{model}")));
        let regions = geography.regions();
        let is_global = geography == Geography::Global;
        if !is_global && !regions.contains(&here) {
            let message = format!("the inference profile `{prefix}.{model}` does not support calls from `{here}`");
            let known = regions.join("`, `");
            scope.report(
                Diagnostic::error("MS0336", message)
                    .help(format!("call the profile from `{known}`, or use the profile of another geography")),
            );
        }
        let profile = format!("{prefix}.{model}");
        let called = own_arn(&scope, "bedrock", format!("inference-profile/{profile}"));
        let behind = match is_global {
            // A global profile can route calls to any region, so the ARN of its model contains no region.
            true => vec![foundation(&scope, &here, model), foundation(&scope, "", model)],
            false => regions.iter().map(|region| foundation(&scope, region, model)).collect(),
        };
        Self { id: profile.into(), called, behind, scope }
    }

    /// Refers to an existing model of the account by its ARN.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingModel) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        scope.diagram(DiagramNode::new("model").detail("Bedrock, exists already"));
        let called = scope.read_here(existing.arn);
        Self { scope, id: called.clone(), called, behind: Vec::new() }
    }

    /// Returns the model ID or ARN that callers pass to the API, for example in an environment variable.
    pub fn id(&self) -> Val<String> {
        self.id.clone()
    }

    /// Returns the ARN of the model or profile that callers invoke.
    pub fn arn(&self) -> Val<String> {
        self.called.clone()
    }

    /// Allows the grantee to invoke the model, with a complete or a streamed response.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &impl Grantee) {
        let allow = || Statement::allow(["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]);
        let role = grantee.role();
        role.grant(grantee, &self.scope, allow().on(self.arn()));
        if !self.behind.is_empty() {
            let behind = self.behind.iter().cloned().fold(allow(), Statement::on);
            let by_profile = behind.when("ArnLike", "bedrock:InferenceProfileArn", self.arn());
            role.grant(grantee, &self.scope, by_profile);
        }
    }
}

impl Construct for Model {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The ARN format of an existing model.
const FORM: ArnForm = ArnForm {
    what: "Bedrock model",
    service: "bedrock",
    resource: "",
    example: "arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/abcdefghij12",
};

/// Returns the ARN of a foundation model. It contains no account ID.
fn foundation(scope: &Scope, region: &str, model: &str) -> Val<String> {
    text!["arn:", scope.partition(), format!(":bedrock:{region}::foundation-model/{model}")]
}

#[cfg(test)]
mod tests {
    use super::{ExistingModel, Geography, Model};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};
    use crate::tree::Scope;
    use crate::{App, Construct};

    const MODEL: &str = "anthropic.claude-sonnet-4-20250514-v1:0";

    fn granted(model: impl FnOnce(&Scope) -> Model) -> serde_json::Value {
        let platform = Platform::synth("shop", |app: &App| {
            let run = stack(app, "run");
            let role = Role::new(&run, "caller", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            model(run.scope()).grant_invoke(&role);
        });
        platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"].clone()
    }

    #[test]
    fn grants_foundation_model_in_stack_region() {
        let statements = granted(|run| Model::foundation(run, "claude", MODEL));
        assert_eq!(statements.as_array().map(Vec::len), Some(1));
        let resource = statements[0]["Resource"][0].to_string();
        assert!(resource.contains("bedrock:ap-northeast-1::foundation-model/anthropic"), "{resource}");
    }

    #[test]
    fn grants_models_only_through_their_profile() {
        let statements = granted(|run| Model::inference_profile(run, "claude", Geography::Japan, MODEL));
        let behind = statements.as_array().expect("a list").iter().find(|it| !it["Condition"].is_null()).unwrap();
        assert_eq!(behind["Resource"].as_array().map(Vec::len), Some(2));
        assert!(behind["Condition"].to_string().contains("inference-profile/jp.anthropic"), "{behind}");
        assert!(behind["Resource"].to_string().contains("ap-northeast-3"));
    }

    #[test]
    fn grants_model_without_region_for_global_profile() {
        let statements = granted(|run| Model::inference_profile(run, "claude", Geography::Global, MODEL)).to_string();
        assert!(statements.contains("bedrock:::foundation-model/"), "{statements}");
    }

    #[test]
    fn grants_imported_model_by_arn() {
        let arn = "arn:aws:bedrock:ap-northeast-1:111122223333:provisioned-model/abcdefghij12";
        let statements = granted(|run| Model::import(run, "own", ExistingModel::arn(arn)));
        assert_eq!(statements[0]["Resource"][0], arn);
    }
}
