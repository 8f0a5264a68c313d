//! Lists of objects, as kubectl reads them.
//!
//! Source: <https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/apis/meta/v1/unstructured/helpers.go>

use crate::val::Data;

use super::{Entry, Marked, Node};

impl Marked {
    /// The objects of a list; none where the document is not a list. An item of a `ConfigMapList` that does not say what it is
    /// is a `ConfigMap` of the same version.
    pub fn objects(&self) -> Option<Vec<Marked>> {
        let kind = self.text("kind")?.strip_suffix("List")?;
        let items = self.get("items").filter(|it| it.is_null() || matches!(it.node, Node::List(_)))?;
        let version = self.text("apiVersion").unwrap_or_default();
        let of_list = [("apiVersion", version), ("kind", kind)];
        let mut items = items.items().to_vec();
        if !kind.is_empty() {
            items.iter_mut().for_each(|item| of_list.iter().for_each(|(key, text)| item.default_to(key, text)));
        }
        Some(items)
    }

    /// Sets a text that a map lacks.
    fn default_to(&mut self, key: &str, text: &str) {
        let (line, column) = (self.line, self.column);
        let Node::Map(entries) = &mut self.node else { return };
        let is_said = |entry: &Entry| entry.key == key && !entry.value.is_null();
        if text.is_empty() || entries.iter().any(is_said) {
            return;
        }
        entries.retain(|entry| entry.key != key);
        let value = Marked { line, column, node: Node::Scalar(Data::from(text.to_owned())) };
        entries.push(Entry { key: key.to_owned(), line, column, value, is_merged: false });
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn kinds(text: &str) -> Option<Vec<(String, String)>> {
        let objects = read(text).unwrap().remove(0).objects()?;
        let text = |it: &super::Marked, key| it.text(key).unwrap_or_default().to_owned();
        Some(objects.iter().map(|it| (text(it, "apiVersion"), text(it, "kind"))).collect())
    }

    #[test]
    fn items_of_a_typed_list_are_of_its_kind() {
        let pair = |version: &str, kind: &str| (version.to_owned(), kind.to_owned());
        let list = "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{ metadata: { name: a } }, { apiVersion: v1, kind: Pod }]\n";
        assert_eq!(kinds(list), Some(vec![pair("apps/v1", "Deployment"), pair("v1", "Pod")]));
        let plain = "apiVersion: v1\nkind: List\nitems: [{ metadata: { name: a } }]\n";
        assert_eq!(kinds(plain), Some(vec![pair("", "")]), "such a list says nothing of its items");
        assert_eq!(kinds("apiVersion: v1\nkind: PodList\nitems: null\n"), Some(Vec::new()));
        assert_eq!(kinds("apiVersion: v1\nkind: AllowList\nspec: {}\n"), None);
    }
}
