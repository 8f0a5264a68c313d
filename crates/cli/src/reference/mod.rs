//! The reference pages of constructs: the files of `docs/constructs`, which `build.rs` concatenates.

mod search;
pub mod terminal;
pub mod typed;

pub use search::search;

/// All pages, concatenated.
const PAGES: &str = include_str!(concat!(env!("OUT_DIR"), "/pages.md"));
/// The start of the line with the name of a page.
const MARK: &str = "<!-- page ";

/// The page of a construct.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The construct, such as `rds::Database`.
    pub name: &'static str,
    /// The page, in Markdown.
    pub text: &'static str,
}

impl Page {
    /// Returns the first sentence of the page.
    pub fn summary(&self) -> String {
        let lines = self.text.lines().skip(1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        let paragraph = terminal::plain(&lines.collect::<Vec<_>>().join(" "));
        paragraph.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
    }
}

/// The end of the line with the name of a page.
const END: &str = " -->\n";

/// Returns the pages, sorted by name.
pub fn pages() -> Vec<Page> {
    let page = |text: &'static str| {
        let (name, text) = text.split_once(END)?;
        Some(Page { name, text })
    };
    PAGES.split(MARK).filter_map(page).collect()
}

/// Returns the page with this path, or else the pages whose path ends with it.
pub fn find(name: &str) -> Vec<Page> {
    let name = name.trim_start_matches("meshsynth::").to_lowercase().replace("props", "");
    let is = |page: &Page| page.name.to_lowercase() == name;
    let ends = |page: &Page| page.name.to_lowercase().ends_with(&format!("::{name}"));
    // `aws::sqs::Queue` is the full path of `sqs::Queue`.
    let within = |page: &Page| name.ends_with(&format!("::{}", page.name.to_lowercase()));
    let all = pages();
    for fits in [&is as &dyn Fn(&Page) -> bool, &ends, &within] {
        let found: Vec<Page> = all.iter().copied().filter(|page| fits(page)).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::{find, pages};

    fn names(name: &str) -> Vec<&'static str> {
        find(name).into_iter().map(|page| page.name).collect()
    }

    #[test]
    fn finds_construct_by_path_or_suffix() {
        assert_eq!(names("rds::Database"), ["rds::Database"]);
        assert_eq!(names("database"), ["rds::Database"]);
        assert_eq!(names("meshsynth::aws::sqs::Queue"), ["sqs::Queue"]);
        assert_eq!(names("sqs::QueueProps"), ["sqs::Queue"]);
        assert!(names("Cluster").len() >= 3, "an ambiguous name is an error");
        assert!(names("Databse").is_empty());
    }

    #[test]
    fn every_page_has_summary_and_requirements() {
        let pages = pages();
        assert!(pages.len() > 70);
        for page in pages {
            assert!(page.text.starts_with(&format!("# {}\n", page.name)), "{}", page.name);
            assert!(page.summary().len() > 10, "{}: {}", page.name, page.summary());
        }
    }
}
