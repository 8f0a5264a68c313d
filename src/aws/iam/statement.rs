//! Policy statements.

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
    /// The region in which the actions are called, if it differs from the region of the resource.
    region: Option<String>,
    /// Whether an AWS service calls the actions for the grantee, which then needs no network path.
    is_done_by_service: bool,
}

impl Statement {
    /// Allows actions, such as `ssm:GetParameter`. [`Statement::on`] adds the resources.
    pub fn allow<A: Into<String>>(actions: impl IntoIterator<Item = A>) -> Self {
        let mut actions: Vec<String> = actions.into_iter().map(Into::into).collect();
        actions.sort();
        Self { actions, resources: Vec::new(), conditions: Bag::default(), region: None, is_done_by_service: false }
    }

    /// Sets the region in which the actions are called, for a replica of the resource.
    #[must_use]
    pub(crate) fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Declares that an AWS service calls the actions on behalf of the grantee, as S3 calls KMS. The grantee needs the
    /// permission, but no network path.
    #[must_use]
    pub(crate) fn done_by_service(mut self) -> Self {
        self.is_done_by_service = true;
        self
    }

    /// Returns the actions that the grantee calls directly.
    pub(super) fn called(&self) -> &[String] {
        if self.is_done_by_service { &[] } else { &self.actions }
    }

    /// Returns the region in which the actions are called, or `None` if the statement does not specify it.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Adds a resource by its ARN.
    #[must_use]
    pub fn on(mut self, arn: impl IntoVal<String>) -> Self {
        self.resources.push(Data::from(arn.into_val()));
        self
    }

    /// Applies the statement to all resources, for actions that do not support resources. `source` is the documentation
    /// page, which is only used in the code.
    #[must_use]
    pub fn on_everything(mut self, source: &'static str) -> Self {
        debug_assert!(
            source.starts_with("https://"),
            "specify the page that documents that the actions do not support resources"
        );
        self.resources.push(Data::from("*"));
        self
    }

    /// Adds a condition, such as `("StringEquals", "aws:SourceAccount", account)`. Values for the same operator and key
    /// are alternatives: IAM accepts a request that matches one of them.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: impl Into<crate::val::Key>, value: impl Into<Data>) -> Self {
        let mut tests = match self.conditions.remove(operator) {
            Some(Data::Map(tests)) => tests,
            _ => Bag::default(),
        };
        let known = tests.entry(key);
        *known = match (std::mem::take(known), value.into()) {
            (Data::Null, value) => value,
            (Data::List(mut values), Data::List(more)) => {
                values.extend(more);
                Data::List(values)
            }
            (Data::List(mut values), value) => {
                values.push(value);
                Data::List(values)
            }
            (first, value) => Data::List(vec![first, value]),
        };
        self.conditions.set(operator, tests);
        self
    }

    /// Returns the statement as an element of a policy document. `principal` is for resource policies.
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

#[cfg(test)]
mod tests {
    use super::Statement;
    use crate::val::Data;

    #[test]
    fn values_of_one_condition_key_are_alternatives() {
        let actions = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"];
        let statement = Statement::allow(["ec2:CreateTags"]).on("*");
        let statement =
            actions.iter().fold(statement, |it, action| it.when("StringEquals", "ec2:CreateAction", *action));
        let data = statement.into_data(None);
        let Data::Map(bag) = data else { panic!("a statement is a map") };
        let values = bag.at("Condition.StringEquals.ec2:CreateAction").expect("the statement has the condition");
        assert_eq!(values, &Data::from(actions.map(str::to_owned).to_vec()));
    }
}
