//! The data model of every construct, typed or raw.

use std::borrow::Cow;
use std::fmt::{self, Debug, Formatter};

use super::{Attr, Deferred, Key, Secret, Value};
use crate::ordered::{Keyed, OrderedMap};

/// A tree of properties, in which some values may be deferred.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// No value, written as `null`.
    #[default]
    Null,
    /// A Boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Key),
    /// A list in order.
    List(Vec<Data>),
    /// A map. It is written with sorted keys.
    Map(Bag),
    /// A value that is known only after a deployment.
    Deferred(Box<Deferred>),
    /// A secret. In properties in which CloudFormation resolves dynamic references, it is written as a dynamic
    /// reference. Elsewhere, it is an error.
    Secret(Box<Secret>),
}

impl Data {
    /// Returns the plain text of a scalar. For lists and maps, the text is empty.
    pub fn to_text(&self) -> String {
        match self {
            Data::Text(text) => text.to_string(),
            Data::Bool(value) => value.to_string(),
            Data::Int(value) => value.to_string(),
            Data::Float(value) => value.to_string(),
            _ => String::new(),
        }
    }

    /// Returns the text, if this is known text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number, if this is a known integer.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Data::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the Boolean, if this is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the items of a list. For other data, the result is empty.
    pub fn items(&self) -> &[Data] {
        match self {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the items, if this is a list.
    pub fn as_list(&self) -> Option<&[Data]> {
        match self {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the map, if this is one.
    pub fn as_map(&self) -> Option<&Bag> {
        match self {
            Data::Map(bag) => Some(bag),
            _ => None,
        }
    }

    /// Returns the attribute, if this is exactly one attribute of one node.
    pub fn as_attr(&self) -> Option<&Attr> {
        match self {
            Data::Deferred(deferred) => match deferred.as_ref() {
                Deferred::Attr(attr) => Some(attr),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the value at a dotted path such as `spec.template.spec`.
    pub fn at(&self, path: &str) -> Option<&Data> {
        path.split('.').try_fold(self, |data, key| match data {
            Data::Map(bag) => bag.get(key),
            Data::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// Properties by name, in the order in which they were set.
#[derive(Clone, Default, PartialEq)]
pub struct Bag(OrderedMap<(Key, Data)>);

impl Keyed for (Key, Data) {
    fn key(&self) -> &str {
        &self.0
    }
}

impl Debug for Bag {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Bag").field(&self.0.entries()).finish()
    }
}

impl Bag {
    /// Sets a property. A later value replaces an earlier value.
    pub fn set(&mut self, key: impl Into<Key>, value: impl Into<Data>) {
        self.put(key.into(), value.into());
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_raw(mut self, key: impl Into<Key>, value: impl Into<Data>) -> Self {
        self.put(key.into(), value.into());
        self
    }

    /// Sets a property. [`Bag::set`] calls it, so that it is compiled only once.
    pub(crate) fn put(&mut self, key: Key, value: Data) {
        match self.0.get_mut(&key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Sets a property and returns the bag, for use in expressions.
    #[must_use]
    pub fn with<'a>(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Data>) -> Self {
        self.set(key.into().into_owned(), value);
        self
    }

    /// Returns a property by name.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.0.get(key).map(|(_, value)| value)
    }

    /// Returns the value at a dotted path such as `spec.template.spec`.
    pub fn at(&self, path: &str) -> Option<&Data> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let data = self.get(first)?;
        rest.map_or(Some(data), |rest| data.at(rest))
    }

    /// Returns a property by name, and creates it if it is missing.
    pub fn entry(&mut self, key: impl Into<Key>) -> &mut Data {
        let key = key.into();
        let idx = self.0.position(&key).unwrap_or_else(|| {
            self.0.push((key, Data::Null));
            self.len() - 1
        });
        &mut self.0.entries_mut()[idx].1
    }

    /// Returns the value at a dotted path, and creates missing maps. A number selects a list item.
    pub fn place(&mut self, path: &str) -> &mut Data {
        let mut keys = path.split('.');
        let mut data = self.entry(keys.next().unwrap_or_default().to_owned());
        for key in keys {
            let is_item = matches!((&*data, key.parse::<usize>()), (Data::List(items), Ok(idx)) if idx < items.len());
            if !is_item && !matches!(data, Data::Map(_)) {
                *data = Data::Map(Bag::default());
            }
            data = match data {
                Data::List(items) => &mut items[key.parse::<usize>().unwrap_or_default()],
                Data::Map(bag) => bag.entry(key.to_owned()),
                _ => unreachable!("the value is a list with this item, or the lines above have converted it to a map"),
            };
        }
        data
    }

    /// Removes and returns a property.
    pub fn remove(&mut self, key: &str) -> Option<Data> {
        self.0.remove(key).map(|(_, value)| value)
    }

    /// Removes all properties for which `is_kept` returns false.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&str, &Data) -> bool) {
        self.0.retain(|(key, value)| is_kept(key, value));
    }

    /// Merges another bag into these properties. Maps are merged recursively. Other values of `over` replace the values
    /// of this bag.
    #[must_use]
    pub fn merged(mut self, over: &Bag) -> Self {
        for (key, value) in over.0.entries() {
            let place = self.entry(key.clone());
            *place = match (std::mem::take(place), value) {
                (Data::Map(below), Data::Map(over)) => Data::Map(below.merged(over)),
                (_, value) => value.clone(),
            };
        }
        self
    }

    /// Iterates over the properties in the order in which they were set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Data)> {
        self.0.entries().iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Iterates over the properties for modification.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Data)> {
        self.0.entries_mut().iter_mut().map(|entry| (entry.0.as_ref(), &mut entry.1))
    }

    /// Returns the number of properties.
    pub fn len(&self) -> usize {
        self.0.entries().len()
    }

    /// Whether the bag is empty.
    pub fn is_empty(&self) -> bool {
        self.0.entries().is_empty()
    }
}

/// Iterates over the properties in the order in which they were set.
impl IntoIterator for Bag {
    type Item = (Key, Data);
    type IntoIter = std::vec::IntoIter<(Key, Data)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_entries().into_iter()
    }
}

impl<K: Into<Key>, V: Into<Data>> FromIterator<(K, V)> for Bag {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut bag = Bag(OrderedMap::with_capacity(entries.size_hint().0));
        for (key, value) in entries {
            bag.set(key, value);
        }
        bag
    }
}

macro_rules! plain {
    ($($type:ty, $value:ident => $data:expr);+ $(;)?) => {$(
        impl Value for $type {
            fn into_data(self) -> Data {
                let $value = self;
                $data
            }
        }
    )+};
}
plain! {
    bool, value => Data::Bool(value);
    i64, value => Data::Int(value);
    i32, value => Data::Int(value.into());
    u16, value => Data::Int(value.into());
    u32, value => Data::Int(value.into());
    f64, value => Data::Float(value);
    &str, value => Data::Text(Key::Owned(value.to_owned()));
    &String, value => Data::Text(Key::Owned(value.clone()));
    String, value => Data::Text(Key::Owned(value));
    Bag, value => Data::Map(value);
}

/// Converts every [`Value`] type to data. This is the only conversion for these types.
impl<T: Value> From<T> for Data {
    fn from(value: T) -> Self {
        value.into_data()
    }
}

impl From<Secret> for Data {
    fn from(secret: Secret) -> Self {
        Data::Secret(Box::new(secret))
    }
}

impl From<Deferred> for Data {
    fn from(deferred: Deferred) -> Self {
        Data::Deferred(Box::new(deferred))
    }
}

impl<T: Into<Data>> From<Vec<T>> for Data {
    fn from(items: Vec<T>) -> Self {
        Data::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Data>, const N: usize> From<[T; N]> for Data {
    fn from(items: [T; N]) -> Self {
        Data::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Data;

    #[test]
    fn size_of_data_is_32_bytes() {
        assert_eq!(size_of::<Data>(), 32);
    }
}
