//! Lists of objects, with the semantics of kubectl.
//!
//! Source: <https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/apis/meta/v1/unstructured/helpers.go>

use super::marked::{Entry, Marked, Node};

impl Marked {
    /// Returns the objects of a list, or the document as an error if it is not a list. An item of a `ConfigMapList`
    /// without a kind is a `ConfigMap` of the same version.
    pub fn into_objects(mut self) -> Result<Vec<Marked>, Marked> {
        let kind = self.text("kind").and_then(|kind| kind.strip_suffix("List")).map(str::to_owned);
        let has_items = self.get("items").is_some_and(|it| it.is_null() || matches!(it.node, Node::List(_)));
        let Some(kind) = kind.filter(|_| has_items) else { return Err(self) };
        let version = self.text("apiVersion").unwrap_or_default().to_owned();
        let mut items = self.take_items("items");
        if !kind.is_empty() {
            for item in &mut items {
                item.default_to("apiVersion", &version);
                item.default_to("kind", &kind);
            }
        }
        Ok(items)
    }

    /// Removes and returns the items of the list at a key.
    fn take_items(&mut self, key: &str) -> Vec<Marked> {
        let Node::Map(entries) = &mut self.node else { return Vec::new() };
        match entries.get_mut(key).map(|entry| &mut entry.value.node) {
            Some(Node::List(items)) => std::mem::take(items),
            _ => Vec::new(),
        }
    }

    /// Sets a missing text of a map.
    fn default_to(&mut self, key: &str, text: &str) {
        let (line, column) = (self.line, self.column);
        let Node::Map(entries) = &mut self.node else { return };
        if text.is_empty() || entries.get(key).is_some_and(|entry| !entry.value.is_null()) {
            return;
        }
        entries.remove(key);
        let value = Marked { line, column, node: Node::Text(text.to_owned().into()) };
        entries.push(Entry { key: key.to_owned().into(), line, column, value, is_merged: false });
    }
}

#[cfg(test)]
mod tests {
    use crate::read;

    fn kinds(text: &str) -> Option<Vec<(String, String)>> {
        let objects = read(text).unwrap().remove(0).into_objects().ok()?;
        let text = |it: &super::Marked, key| it.text(key).unwrap_or_default().to_owned();
        Some(objects.iter().map(|it| (text(it, "apiVersion"), text(it, "kind"))).collect())
    }

    #[test]
    fn applies_kind_of_typed_list_to_items() {
        let pair = |version: &str, kind: &str| (version.to_owned(), kind.to_owned());
        let list = "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{ metadata: { name: a } }, { apiVersion: v1, kind: Pod }]\n";
        assert_eq!(kinds(list), Some(vec![pair("apps/v1", "Deployment"), pair("v1", "Pod")]));
        let plain = "apiVersion: v1\nkind: List\nitems: [{ metadata: { name: a } }]\n";
        assert_eq!(kinds(plain), Some(vec![pair("", "")]), "such a list says nothing of its items");
        assert_eq!(kinds("apiVersion: v1\nkind: PodList\nitems: null\n"), Some(Vec::new()));
        assert_eq!(kinds("apiVersion: v1\nkind: AllowList\nspec: {}\n"), None);
    }
}
