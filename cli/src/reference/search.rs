//! Pages by words.

use super::{Page, pages, terminal};

/// A page in which all words occur.
#[derive(Debug)]
pub struct Hit {
    /// The page.
    pub page: Page,
    /// The lines that say most of the words, the best first; tables row by row.
    pub lines: Vec<String>,
}

/// How many lines of a page are shown.
const SHOWN: usize = 3;

/// The pages that have all the words, those that have them in their name or in one field first.
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
        // An address says nothing, and the title is shown anyhow.
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
    fn a_field_is_found_by_its_words() {
        assert!(first(&["retention", "log"]).contains(&"logs::LogGroup"), "{:?}", first(&["retention", "log"]));
        assert_eq!(first(&["queue", "visibility"])[0], "sqs::Queue");
        assert!(first(&["multi_az"]).contains(&"rds::Database"), "{:?}", first(&["multi_az"]));
    }

    #[test]
    fn all_words_must_be_there() {
        assert!(search(&["bucket".to_owned(), "zebra".to_owned()]).is_empty());
        assert!(search(&[]).is_empty());
    }
}
