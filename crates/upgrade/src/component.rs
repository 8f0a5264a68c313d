//! The components of a platform that have versions.

use meshsynth_facts::versions::product::Product;

use crate::version::plain;

/// A component with a version: a cluster, a chart, a database or a function.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its product.
    pub product: &'static Product,
    /// Its path in the program, or its name in the files.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The id of its cluster, if it runs in one.
    pub cluster: Option<String>,
    /// The place of its version.
    pub place: Place,
    /// The line of the program or of the file.
    pub source: String,
    /// The number of equal components that this one represents.
    pub count: usize,
}

/// The version of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// The version in the files.
    Known(String),
    /// The files contain no version. Contains the reason.
    Unknown(String),
}

/// The place of a version in a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A property of a resource.
    Resource {
        /// The id of the stack.
        stack: String,
        /// The logical ID.
        id: String,
        /// The property with the version.
        property: &'static str,
    },
    /// The versions of charts.
    Releases {
        /// The names of the releases.
        names: Vec<String>,
    },
    /// The image of a container.
    Image {
        /// The file of the object.
        path: String,
        /// The image without its tag.
        image: String,
    },
}

/// Returns the position of a value in a file, such as `template.yaml:12:7`, from the path of the file and the dotted
/// path of the value. An assembly has no positions of values: its resources have the line of the program.
pub type Located<'a> = dyn Fn(&str, &str) -> Option<String> + 'a;

impl Version {
    /// Returns the version, if it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Version::Known(version) => Some(version),
            Version::Unknown(_) => None,
        }
    }
}

impl Component {
    /// Returns the product and the name.
    pub fn title(&self) -> String {
        match self.count {
            1 => format!("{} {}", self.product.name, self.name),
            count => format!("{} {} and {} more", self.product.name, self.name, count - 1),
        }
    }

    /// Returns the version as the calendar of the product writes it.
    pub fn calendar_version(&self) -> Option<&str> {
        let version = self.version.known()?;
        Some(if self.product.id == "aws-lambda" { version } else { plain(version) })
    }

    /// Whether a name on the command line means this component: its name, the end of its path, or its product.
    pub fn is_called(&self, name: &str) -> bool {
        let product = self.product.id;
        let short = product.strip_prefix("amazon-").unwrap_or(product);
        let is_end = || self.name.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        name == product || name == short || self.product.name.eq_ignore_ascii_case(name) || is_end()
    }
}
