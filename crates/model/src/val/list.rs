//! Lists, maps and free-form JSON as property types.

use std::marker::PhantomData;

use super::deferred::append;
use super::{Bag, Data, Deferred, Key, Part, Val, Value};

/// A list property. Each item may be known or deferred.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(Vec<Data>, PhantomData<T>);

/// A map property with arbitrary keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Map<T>(Bag, PhantomData<T>);

/// A property without a schema: any JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Data);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(Bag::default(), PhantomData)
    }
}

impl<T: Value, I: Into<Val<T>>> FromIterator<I> for List<T> {
    fn from_iter<L: IntoIterator<Item = I>>(items: L) -> Self {
        Self(items.into_iter().map(|item| item.into().into_data()).collect(), PhantomData)
    }
}

impl<T: Value, K: Into<Key>, I: Into<Val<T>>> FromIterator<(K, I)> for Map<T> {
    fn from_iter<L: IntoIterator<Item = (K, I)>>(entries: L) -> Self {
        Self(entries.into_iter().map(|(key, item)| (key, item.into().into_data())).collect(), PhantomData)
    }
}

impl<T: Value, I: Into<Val<T>>> From<Vec<I>> for Val<List<T>> {
    fn from(items: Vec<I>) -> Self {
        Val::Known(items.into_iter().collect())
    }
}

impl<T: Value, I: Into<Val<T>>, const N: usize> From<[I; N]> for Val<List<T>> {
    fn from(items: [I; N]) -> Self {
        Val::Known(items.into_iter().collect())
    }
}

impl<T: Value, I: Into<Val<T>> + Clone> From<&[I]> for Val<List<T>> {
    fn from(items: &[I]) -> Self {
        Val::Known(items.iter().cloned().collect())
    }
}

impl<T: Value, I: Into<Val<T>> + Clone> From<&Vec<I>> for Val<List<T>> {
    fn from(items: &Vec<I>) -> Self {
        items.as_slice().into()
    }
}

impl<T: Value, K: Into<Key>, I: Into<Val<T>>, const N: usize> From<[(K, I); N]> for Val<Map<T>> {
    fn from(entries: [(K, I); N]) -> Self {
        Val::Known(entries.into_iter().collect())
    }
}

impl<T: Value, K: Into<Key>, I: Into<Val<T>>> From<Vec<(K, I)>> for Val<Map<T>> {
    fn from(entries: Vec<(K, I)>) -> Self {
        Val::Known(entries.into_iter().collect())
    }
}

impl<T: Value> Val<List<T>> {
    /// Returns the item at `index`, from 0. If the list has fewer items, synthesis or deployment reports an error.
    pub fn item(&self, index: usize) -> Val<T> {
        Val::Deferred(match self {
            Val::Known(list) => match list.0.get(index) {
                Some(Data::Deferred(item)) => (**item).clone(),
                Some(known) => Deferred::Text(vec![known.to_text().into()]),
                None => Deferred::Item { of: Box::new(Deferred::Text(Vec::new())), index },
            },
            Val::Deferred(list) => Deferred::Item { of: Box::new(list.clone()), index },
        })
    }

    /// Joins the items into one text, separated by `separator`.
    ///
    /// ```
    /// # use meshsynth::Val;
    /// # use meshsynth::val::List;
    /// let hosts: Val<List<String>> = ["a.example", "b.example"].into();
    /// assert_eq!(hosts.join(","), Val::from("a.example,b.example"));
    /// ```
    pub fn join(&self, separator: &'static str) -> Val<String> {
        let list = match self {
            Val::Deferred(list) => return Val::Deferred(Deferred::Joined { of: Box::new(list.clone()), separator }),
            Val::Known(list) => &list.0,
        };
        let part = |item: &Data| match item {
            Data::Deferred(item) => Part::Value((**item).clone()),
            known => known.to_text().into(),
        };
        Val::concat(list.iter().enumerate().flat_map(|(idx, item)| {
            let between = (idx > 0).then(|| separator.into());
            between.into_iter().chain([part(item)])
        }))
    }
}

impl Val<String> {
    /// Creates a document as JSON text from parts. Its keys may contain values.
    pub fn doc(parts: impl IntoIterator<Item = Part>) -> Val<Json> {
        let mut flat = Vec::new();
        parts.into_iter().for_each(|part| append(&mut flat, part));
        Val::Deferred(Deferred::Doc(flat))
    }
}

impl<T> Value for List<T> {
    const IS_LIST: bool = true;

    fn into_data(self) -> Data {
        Data::List(self.0)
    }
}

impl<T> Value for Map<T> {
    fn into_data(self) -> Data {
        Data::Map(self.0)
    }
}

impl Value for Json {
    fn into_data(self) -> Data {
        self.0
    }
}

impl From<Bag> for Val<Json> {
    fn from(bag: Bag) -> Self {
        Val::Known(Json(Data::Map(bag)))
    }
}

impl From<Data> for Val<Json> {
    fn from(data: Data) -> Self {
        Val::Known(Json(data))
    }
}

impl From<String> for Val<Json> {
    fn from(text: String) -> Self {
        Val::Known(Json(Data::from(text)))
    }
}

impl From<&str> for Val<Json> {
    fn from(text: &str) -> Self {
        Val::Known(Json(Data::from(text.to_owned())))
    }
}
