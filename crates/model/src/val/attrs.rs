//! Visits every attribute that a piece of data reads.

use super::{Attr, Bag, Data, Deferred, Part, Verbatim};

impl Data {
    /// Visits every attribute at any depth for modification.
    pub fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        match self {
            Data::List(items) => items.iter_mut().for_each(|item| item.each_attr_mut(visit)),
            Data::Map(bag) => bag.each_attr_mut(visit),
            Data::Deferred(deferred) => deferred.each_attr_mut(visit),
            Data::Secret(secret) => secret.deferred_mut().for_each(|deferred| deferred.each_attr_mut(visit)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Text(_) => {}
        }
    }
}

impl Bag {
    /// Visits every attribute at any depth for modification.
    pub fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        self.iter_mut().for_each(|(_, value)| value.each_attr_mut(visit));
    }
}

impl Deferred {
    /// Visits every attribute at any depth for modification.
    pub fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        match self {
            Deferred::Attr(attr) => visit(attr),
            Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => {
                of.each_attr_mut(visit)
            }
            Deferred::Verbatim(tree) => tree.each_attr_mut(visit),
            Deferred::Text(parts) | Deferred::Doc(parts) => {
                for part in parts {
                    if let Part::Value(value) = part {
                        value.each_attr_mut(visit);
                    }
                }
            }
        }
    }
}

impl Verbatim {
    /// Visits every attribute at any depth for modification.
    fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        match self {
            Self::List(items) => items.iter_mut().for_each(|item| item.each_attr_mut(visit)),
            Self::Map(rows) => rows.iter_mut().for_each(|(_, value)| value.each_attr_mut(visit)),
            Self::Value(value) => value.each_attr_mut(visit),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => {}
        }
    }
}
