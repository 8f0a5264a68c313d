//! One statement of a policy.

use crate::val::{Bag, Data, IntoVal};

/// A statement that allows actions on resources.
///
/// ```
/// use meshsynth::iam::Statement;
/// let read = Statement::allow(["ssm:GetParameter"]).on("arn:aws:ssm:eu-west-1:111122223333:parameter/shop/orders/db");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    actions: Vec<String>,
    resources: Vec<Data>,
    conditions: Bag,
    /// The region in which it is used, where that is not the region of what it is about.
    region: Option<String>,
    /// Whether a service of AWS does it for the grantee, which then needs no way there.
    is_done_by_service: bool,
}

impl Statement {
    /// Allows actions, such as `ssm:GetParameter`. Say on what with [`Statement::on`].
    pub fn allow<A: Into<String>>(actions: impl IntoIterator<Item = A>) -> Self {
        let mut actions: Vec<String> = actions.into_iter().map(Into::into).collect();
        actions.sort();
        Self { actions, resources: Vec::new(), conditions: Bag::default(), region: None, is_done_by_service: false }
    }

    /// Says in which region the actions are called, where a copy of the resource lies there.
    #[must_use]
    pub(crate) fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The actions are called by a service of AWS in the name of the grantee, as S3 calls KMS. It needs the permission
    /// and no way there.
    #[must_use]
    pub(crate) fn done_by_service(mut self) -> Self {
        self.is_done_by_service = true;
        self
    }

    /// Returns the actions that the grantee calls by itself.
    pub(super) fn called(&self) -> &[String] {
        if self.is_done_by_service { &[] } else { &self.actions }
    }

    /// Returns the region in which they are called, where the statement says it.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Adds a resource, by ARN.
    #[must_use]
    pub fn on(mut self, arn: impl IntoVal<String>) -> Self {
        self.resources.push(Data::from(arn.into_val()));
        self
    }

    /// For actions that take no resource. `source` is the page that says so; it goes nowhere but into the code.
    #[must_use]
    pub fn on_everything(mut self, source: &'static str) -> Self {
        debug_assert!(source.starts_with("https://"), "name the page that says that the actions take no resource");
        self.resources.push(Data::from("*"));
        self
    }

    /// Adds a condition, such as `("StringEquals", "aws:SourceAccount", account)`.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: impl Into<crate::val::Key>, value: impl Into<Data>) -> Self {
        let mut tests = match self.conditions.remove(operator) {
            Some(Data::Map(tests)) => tests,
            _ => Bag::default(),
        };
        tests.set(key, value);
        self.conditions.set(operator, tests);
        self
    }

    /// Returns the statement as a policy document has it; `principal` for the policy of a resource.
    pub(crate) fn into_data(self, principal: Option<Bag>) -> Data {
        let mut bag = Bag::default().with("Effect", "Allow").with("Action", self.actions);
        if let Some(principal) = principal {
            bag.set("Principal", principal);
        }
        if !self.resources.is_empty() {
            bag.set("Resource", self.resources);
        }
        if !self.conditions.is_empty() {
            bag.set("Condition", self.conditions);
        }
        Data::Map(bag)
    }
}
