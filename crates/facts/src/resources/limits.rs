//! Columns about deletion protection, growth, windows and quotas.

/// The property that makes AWS reject a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The property. `List[key]` is the value of the list item with this key.
    pub property: &'static str,
    /// The text of the value with which AWS rejects a deletion. `None` means `true`.
    pub on: Option<&'static str>,
}

/// A property value that stops a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The property.
    pub property: &'static str,
    /// The value as text.
    pub value: &'static str,
}

/// A number that can only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The property.
    pub property: &'static str,
    /// The smallest increase that AWS accepts, in percent. 0 means any increase.
    pub percent: u32,
    /// The unit.
    pub unit: &'static str,
    /// The help text for users who need a smaller number.
    pub help: &'static str,
    /// The vendor's page.
    pub page: &'static str,
}

/// A property that names an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceClasses {
    /// The property.
    pub property: &'static str,
    /// The family of instance types: `broker`, `cache`, `database` or `search`.
    pub family: &'static str,
}

/// A daily window of backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The property.
    pub property: &'static str,
    /// The shortest window in minutes.
    pub minutes: u32,
}

/// A default quota in a region of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The number of resources.
    pub count: usize,
    /// The vendor's page.
    pub page: &'static str,
}
