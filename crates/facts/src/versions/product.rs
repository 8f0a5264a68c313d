//! The products whose versions a platform contains, and the places of these versions.
//!
//! The rows are in `schema/versions/products.jsonl`. `schema/README.md` documents each column.

use std::sync::OnceLock;

use super::calendar::{self, Calendar, borrowed, text};
use crate::json::Json;
use crate::resource;

static TEXT: &str = include_str!("../../schema/versions/products.jsonl");

/// A product with versions.
#[derive(Debug)]
pub struct Product {
    /// The product, which is the name of its calendar if it has one.
    pub id: &'static str,
    /// The name for readers.
    pub name: &'static str,
    /// The resource type with its version.
    pub type_name: Option<&'static str>,
    /// The engine, if the type has several.
    pub engine: Option<&'static str>,
    engine_property: Option<&'static str>,
    property: Option<&'static str>,
    /// The property with the title of a resource.
    pub title: Option<&'static str>,
    /// The charts whose version is the version of the product.
    pub charts: Vec<&'static str>,
    /// A part of the URL of the charts' repository.
    pub repository: &'static str,
    /// The ends of image names whose tag is the version.
    pub images: Vec<&'static str>,
    /// Whether the vendor requires that each minor version is installed in turn.
    pub is_one_by_one: bool,
    /// The API call that lists the available versions.
    pub call: Option<&'static str>,
    /// The page of the vendor about upgrades.
    pub page: &'static str,
    /// The date on which this page was read.
    pub date: &'static str,
    ranges: Option<&'static str>,
}

impl Product {
    /// Returns the property with the version.
    pub fn property(&self) -> Option<&'static str> {
        self.property.or_else(|| Some(resource(self.type_name?).version.as_ref()?.property))
    }

    /// Returns the property with the engine.
    pub fn engine_property(&self) -> &'static str {
        let of_type = || self.type_name.and_then(|name| resource(name).version.as_ref()).map(|row| row.engine);
        self.engine_property.or_else(of_type).filter(|name| !name.is_empty()).unwrap_or("Engine")
    }

    /// Whether the version of a chart is the version of the product.
    pub fn has_chart(&self, repository: &str, chart: &str) -> bool {
        let name = chart.rsplit('/').next().unwrap_or_default();
        self.charts.contains(&name) && format!("{repository}/{chart}").contains(self.repository)
    }

    /// Returns the calendar.
    pub fn calendar(&self) -> Option<&'static Calendar> {
        calendar::of(self.id)
    }

    /// Returns the calendar with the tested Kubernetes versions.
    pub fn ranges(&self) -> Option<&'static Calendar> {
        calendar::of(self.ranges.unwrap_or(self.id)).filter(|it| it.releases.iter().any(|row| row.kubernetes.is_some()))
    }
}

/// Returns all products.
pub fn all() -> &'static [Product] {
    static PRODUCTS: OnceLock<Vec<Product>> = OnceLock::new();
    PRODUCTS.get_or_init(|| TEXT.lines().map(|line| product(&Json::parse(line))).collect())
}

/// Returns a product by its id.
///
/// # Panics
///
/// Panics if the table has no such product. The ids in this project are constants, which tests use.
pub fn product_of(id: &str) -> &'static Product {
    all().iter().find(|product| product.id == id).expect("a test uses each product by its id")
}

fn product(row: &Json<'static>) -> Product {
    let list = |column: &str| row.at(column).items().iter().filter_map(borrowed).collect();
    Product {
        id: text(row, "product").unwrap_or_default(),
        name: text(row, "name").unwrap_or_default(),
        type_name: text(row, "type"),
        engine: text(row, "engine"),
        engine_property: text(row, "engine_property"),
        property: text(row, "property"),
        title: text(row, "title"),
        charts: list("charts"),
        repository: text(row, "repository").unwrap_or_default(),
        images: list("images"),
        is_one_by_one: text(row, "each").is_some(),
        call: text(row, "call"),
        page: text(row, "page").unwrap_or_default(),
        date: text(row, "date").unwrap_or_default(),
        ranges: text(row, "ranges"),
    }
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::cloudformation;

    #[test]
    fn each_type_has_the_properties_of_its_row() {
        for product in all() {
            assert!(product.page.starts_with("https://"), "{}", product.id);
            let Some(type_name) = product.type_name else { continue };
            let facts = cloudformation(type_name).expect(type_name);
            let property = product.property().expect(type_name);
            assert!(facts.has_attribute(property), "{type_name}.{property}");
            if product.engine.is_some() {
                assert!(facts.has_attribute(product.engine_property()), "{type_name}.{}", product.engine_property());
            }
        }
    }
}
