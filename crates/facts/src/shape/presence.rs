//! The presence of properties. Template conditions and macros can remove or add properties.

use meshsynth_model::val::{Bag, Data, Deferred, Verbatim};

/// The prefix of functions that add properties, such as `Fn::ForEach::Ports` and `Fn::Transform`.
pub(super) const FUNCTION: &str = "Fn::";

/// The presence of properties in a map.
#[derive(Clone, Copy)]
pub(super) struct Presence<'a> {
    bag: &'a Bag,
    /// Whether an intrinsic function can add properties to those in the template.
    is_open: bool,
}

impl<'a> Presence<'a> {
    pub(super) fn of(bag: &'a Bag) -> Self {
        Self { bag, is_open: bag.iter().any(|(key, _)| key.starts_with(FUNCTION)) }
    }

    /// Whether a property is set for all values of template conditions.
    pub(super) fn is_sure(self, name: &str) -> bool {
        self.bag.get(name).is_some_and(|value| left_out(value) == LeftOut::Never)
    }

    /// Whether a property is set for some values of template conditions.
    pub(super) fn is_possible(self, name: &str) -> bool {
        self.is_open || self.bag.get(name).is_some_and(|value| left_out(value) != LeftOut::Always)
    }

    /// Returns the minimum and maximum number of properties.
    pub(super) fn amounts(self) -> (usize, usize) {
        let (least, most) = amounts(self.bag.iter().filter(|(key, _)| !key.starts_with(FUNCTION)).map(|(_, it)| it));
        (least, if self.is_open { usize::MAX } else { most })
    }
}

/// Returns the minimum and maximum number of values that are present.
pub(super) fn amounts<'a>(values: impl Iterator<Item = &'a Data>) -> (usize, usize) {
    values.map(left_out).fold((0, 0), |(least, most), it| {
        (least + usize::from(it == LeftOut::Never), most + usize::from(it != LeftOut::Always))
    })
}

/// When CloudFormation removes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    Never,
    Sometimes,
    Always,
}

/// Returns when CloudFormation removes a value. CloudFormation removes a property whose value is `AWS::NoValue`, also
/// if a branch of `Fn::If` contains it.
pub(super) fn left_out(data: &Data) -> LeftOut {
    match data {
        Data::Deferred(deferred) => match deferred.as_ref() {
            Deferred::Verbatim(tree) => of_tree(tree),
            _ => LeftOut::Never,
        },
        _ => LeftOut::Never,
    }
}

fn of_tree(tree: &Verbatim) -> LeftOut {
    let rows = match tree {
        Verbatim::Value(Deferred::Verbatim(inner)) => return of_tree(inner),
        Verbatim::Map(rows) => rows.as_slice(),
        _ => return LeftOut::Never,
    };
    match rows {
        [(name, Verbatim::Text(id))] if name == "Ref" && id == "AWS::NoValue" => LeftOut::Always,
        [(name, Verbatim::List(items))] if name == "Fn::If" => match items.as_slice() {
            [_, then, otherwise] => match (of_tree(then), of_tree(otherwise)) {
                (then, otherwise) if then == otherwise => then,
                _ => LeftOut::Sometimes,
            },
            _ => LeftOut::Never,
        },
        _ => LeftOut::Never,
    }
}
