//! The pages of constructs, as the book has them; the crate `reference` writes them beside this file.

mod search;
pub mod terminal;

pub use search::search;

/// All pages, one behind the other.
const PAGES: &str = include_str!("pages.md");
/// What stands before each.
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
    /// What the construct is, in one sentence.
    pub fn summary(&self) -> String {
        let lines = self.text.lines().skip(1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        let paragraph = terminal::plain(&lines.collect::<Vec<_>>().join(" "));
        paragraph.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
    }
}

/// How the line with the name of a page ends.
const END: &str = " -->\n";

/// The pages, sorted by name.
pub fn pages() -> Vec<Page> {
    let page = |text: &'static str| {
        let (name, text) = text.split_once(END)?;
        Some(Page { name, text })
    };
    PAGES.split(MARK).filter_map(page).collect()
}

/// The pages that a name means: the one of that path, or those whose path ends with it.
pub fn find(name: &str) -> Vec<Page> {
    let name = name.trim_start_matches("meshsynth::").to_lowercase().replace("props", "");
    let is = |page: &Page| page.name.to_lowercase() == name;
    let ends = |page: &Page| page.name.to_lowercase().ends_with(&format!("::{name}"));
    // `aws::sqs::Queue` is the longer way to `sqs::Queue`.
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
    fn a_construct_is_found_by_its_path_or_the_end_of_it() {
        assert_eq!(names("rds::Database"), ["rds::Database"]);
        assert_eq!(names("database"), ["rds::Database"]);
        assert_eq!(names("meshsynth::aws::sqs::Queue"), ["sqs::Queue"]);
        assert_eq!(names("sqs::QueueProps"), ["sqs::Queue"]);
        assert!(names("Cluster").len() >= 3, "which of them is meant is asked");
        assert!(names("Databse").is_empty());
    }

    #[test]
    fn every_page_has_a_summary_and_says_what_it_needs() {
        let pages = pages();
        assert!(pages.len() > 70);
        for page in pages {
            assert!(page.text.starts_with(&format!("# {}\n", page.name)), "{}", page.name);
            assert!(page.summary().len() > 10, "{}: {}", page.name, page.summary());
        }
    }
}
