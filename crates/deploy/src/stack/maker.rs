//! Determines the tool that created a stack.

use std::fmt;

use crate::cloud::Stack;

/// The tool that created a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// The AWS CDK, with `cdk deploy`.
    Cdk,
    /// `cdk bootstrap`, which creates the resources for CDK deployments.
    CdkBootstrap,
    /// AWS Copilot.
    Copilot,
    /// eksctl.
    Eksctl,
    /// The parent stack of a nested stack.
    Parent(String),
    /// AWS Service Catalog.
    ServiceCatalog,
    /// A stack set, with its name.
    StackSet(String),
    /// A user, or an unknown tool.
    Unknown,
}

/// The parameter with which CDK stacks check the bootstrap version, and the output of the bootstrap stack with this
/// version.
const BOOTSTRAP_VERSION: &str = "BootstrapVersion";

impl Maker {
    /// Determines the creator of a stack.
    pub(super) fn of(stack: &Stack) -> Self {
        let has_tag = |prefix: &str| stack.tags.keys().any(|key| key.starts_with(prefix));
        if let Some(parent) = &stack.parent {
            // `arn:aws:cloudformation:<region>:<account>:stack/<name>/<id>`
            return Maker::Parent(parent.split('/').nth(1).unwrap_or(parent).to_owned());
        }
        if let Some(name) = stack.name.strip_prefix("StackSet-") {
            // The name ends with a UUID.
            let end = name.len().saturating_sub(37);
            return Maker::StackSet(name.get(..end).filter(|it| !it.is_empty()).unwrap_or(name).to_owned());
        }
        if stack.outputs.contains_key(BOOTSTRAP_VERSION) {
            return Maker::CdkBootstrap;
        }
        match () {
            () if has_tag("aws:servicecatalog:") => Maker::ServiceCatalog,
            () if stack.parameters.iter().any(|name| name == BOOTSTRAP_VERSION) => Maker::Cdk,
            () if has_tag("alpha.eksctl.io/") => Maker::Eksctl,
            () if has_tag("copilot-") => Maker::Copilot,
            () => Maker::Unknown,
        }
    }

    /// Returns the reason why a stack of this tool cannot be taken over, and the fix. Returns `None` if it can.
    pub(super) fn refusal(&self, name: &str) -> Option<(String, String)> {
        match self {
            Maker::Parent(parent) => Some((
                format!("is nested in the stack `{parent}`, which would revert the changes"),
                format!("take over `{parent}`, or first move the resources out of `{name}` with a stack refactor"),
            )),
            Maker::StackSet(set) => Some((
                format!("is an instance of the stack set `{set}`, which would revert the changes"),
                "remove the instance from the stack set with `--retain-stacks`, then run the command again".to_owned(),
            )),
            Maker::ServiceCatalog => Some((
                "is a product of AWS Service Catalog, which would revert the changes".to_owned(),
                "rename the stack of the platform".to_owned(),
            )),
            Maker::CdkBootstrap => Some((
                "is the bootstrap stack of the AWS CDK, which other stacks require".to_owned(),
                "keep this stack unchanged, and rename the stack of the platform".to_owned(),
            )),
            _ => None,
        }
    }

    /// Returns the command that would revert the stack after a takeover, or `None` if it is unknown.
    pub(super) fn rival(&self) -> Option<&'static str> {
        match self {
            Maker::Cdk => Some("`cdk deploy`"),
            Maker::Copilot => Some("`copilot deploy`"),
            Maker::Eksctl => Some("`eksctl`"),
            _ => None,
        }
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Maker::Cdk | Maker::CdkBootstrap => out.write_str("the AWS CDK"),
            Maker::Copilot => out.write_str("AWS Copilot"),
            Maker::Eksctl => out.write_str("eksctl"),
            Maker::Parent(name) => write!(out, "the stack `{name}`"),
            Maker::ServiceCatalog => out.write_str("AWS Service Catalog"),
            Maker::StackSet(name) => write!(out, "the stack set `{name}`"),
            Maker::Unknown => out.write_str("another tool or by hand"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str) -> Stack {
        Stack { name: name.to_owned(), ..Stack::default() }
    }

    #[test]
    fn recognizes_tools_by_stack_properties() {
        let tagged = |key: &str| Stack { tags: [(key.to_owned(), "x".to_owned())].into(), ..stack("a") };
        assert_eq!(Maker::of(&stack("legacy")), Maker::Unknown);
        assert_eq!(Maker::of(&tagged("alpha.eksctl.io/cluster-name")), Maker::Eksctl);
        assert_eq!(Maker::of(&tagged("copilot-application")), Maker::Copilot);
        let cdk = Stack { parameters: vec!["BootstrapVersion".to_owned()], ..stack("a") };
        assert_eq!(Maker::of(&cdk), Maker::Cdk);
        let bootstrap = Stack { outputs: [("BootstrapVersion".to_owned(), "25".to_owned())].into(), ..cdk };
        assert_eq!(Maker::of(&bootstrap), Maker::CdkBootstrap);
    }

    #[test]
    fn rejects_takeover_of_managed_stacks() {
        let nested = Stack {
            parent: Some("arn:aws:cloudformation:eu-west-1:111122223333:stack/legacy/6f0c".to_owned()),
            ..stack("legacy-Net-1")
        };
        assert_eq!(Maker::of(&nested), Maker::Parent("legacy".to_owned()));
        let of_set = Maker::of(&stack("StackSet-baseline-12345678-1234-1234-1234-123456789012"));
        assert_eq!(of_set, Maker::StackSet("baseline".to_owned()));
        for maker in [Maker::of(&nested), of_set, Maker::CdkBootstrap, Maker::ServiceCatalog] {
            assert!(maker.refusal("a").is_some(), "{maker:?}");
        }
        assert_eq!(Maker::Cdk.refusal("a"), None);
    }
}
