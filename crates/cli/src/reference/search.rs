//! Full-text search in the pages.

use super::{Page, pages, terminal};

/// A page that contains all words.
#[derive(Debug)]
pub struct Hit {
    /// The page.
    pub page: Page,
    /// The lines that contain most of the words, best first; tables are split into rows.
    pub lines: Vec<String>,
}

/// The maximum number of lines of a page.
const SHOWN: usize = 3;

/// Returns the pages that contain all words. Pages with the words in their name or in one field come first.
pub fn search(words: &[String]) -> Vec<Hit> {
    let words: Vec<String> = words.iter().flat_map(|it| it.split_whitespace()).map(str::to_lowercase).collect();
    let mut found: Vec<(usize, Hit)> = pages().into_iter().filter_map(|page| hit(page, &words)).collect();
    found.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.page.name.cmp(other.page.name)));
    found.into_iter().map(|(_, hit)| hit).collect()
}

fn hit(page: Page, words: &[String]) -> Option<(usize, Hit)> {
    let whole = page.text.to_lowercase();
    if words.is_empty() || !words.iter().all(|word| whole.contains(word.as_str())) {
        return None;
    }
    let name = page.name.to_lowercase();
    let in_name = words.iter().filter(|word| name.contains(word.as_str())).count();
    let mut lines: Vec<(usize, usize, String)> = Vec::new();
    let mut section = "";
    for (number, line) in page.text.lines().enumerate() {
        section = line.strip_prefix("## ").unwrap_or(section);
        let lower = line.to_lowercase();
        let n_words = words.iter().filter(|word| lower.contains(word.as_str())).count();
        // Links are not searched, and the title is always shown.
        if n_words == 0 || section == "Source" || line.starts_with('#') {
            continue;
        }
        let first = lower.split('|').nth(1).unwrap_or_default();
        let in_first = words.iter().filter(|word| first.contains(word.as_str())).count();
        let text = terminal::plain(line.trim_matches('|').trim()).replace(" | ", "  ");
        lines.push((2 * n_words + in_first, number, text));
    }
    lines.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let best = lines.first().map_or(0, |(score, _, _)| *score);
    let lines = lines.into_iter().map(|(_, _, text)| text).take(SHOWN).collect();
    Some((8 * in_name + best, Hit { page, lines }))
}

#[cfg(test)]
mod tests {
    use super::search;

    fn first(words: &[&str]) -> Vec<&'static str> {
        let words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
        search(&words).into_iter().map(|hit| hit.page.name).take(3).collect()
    }

    #[test]
    fn finds_field_by_words() {
        assert!(first(&["retention", "log"]).contains(&"logs::LogGroup"), "{:?}", first(&["retention", "log"]));
        assert_eq!(first(&["queue", "visibility"])[0], "sqs::Queue");
        assert!(first(&["multi_az"]).contains(&"rds::Database"), "{:?}", first(&["multi_az"]));
    }

    #[test]
    fn requires_all_words() {
        assert!(search(&["bucket".to_owned(), "zebra".to_owned()]).is_empty());
        assert!(search(&[]).is_empty());
    }
}
