//! Renders Markdown for a terminal: wrapped lines, tables in columns if they fit, and link labels.

use std::fmt::Write as _;

/// Renders a page with this number of columns.
pub fn render(text: &str, columns: usize, is_coloured: bool) -> String {
    let mut out = Out { text: String::new(), columns: columns.clamp(40, 120), is_coloured };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            for line in lines.by_ref().take_while(|line| !line.starts_with("```")) {
                let line = if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) };
                out.push(&format!("    {line}"));
            }
        } else if line.starts_with('|') {
            let mut rows = vec![cells(line)];
            while let Some(line) = lines.next_if(|line| line.starts_with('|')) {
                rows.push(cells(line));
            }
            out.table(&rows);
        } else if let Some(title) = line.strip_prefix("# ").or(line.strip_prefix("## ")).or(line.strip_prefix("### ")) {
            let title = if line.starts_with("# ") { title.to_owned() } else { plain(title) };
            let code = if line.starts_with("### ") { "4" } else { "1" };
            let painted = if is_coloured { format!("\x1b[{code}m{title}\x1b[0m") } else { title };
            out.push(&painted);
        } else if line.starts_with("<!--") {
        } else if line.is_empty() {
            out.push("");
        } else {
            let mut paragraph = line.to_owned();
            let begins = |line: &str| {
                line.is_empty() || line.starts_with(['|', '#']) || line.starts_with("```") || line.starts_with("- ")
            };
            while let Some(line) = lines.next_if(|line| !begins(line)) {
                paragraph += " ";
                paragraph += line.trim();
            }
            let hanging = if paragraph.starts_with("- ") { 2 } else { 0 };
            out.wrapped(&plain(&paragraph), 0, hanging);
        }
    }
    out.text
}

struct Out {
    text: String,
    columns: usize,
    is_coloured: bool,
}

impl Out {
    fn push(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn wrapped(&mut self, text: &str, indent: usize, hanging: usize) {
        for line in wrap(text, self.columns, indent, hanging) {
            self.push(&line);
        }
    }

    fn strong(&self, text: &str) -> String {
        if self.is_coloured { format!("\x1b[36m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Renders a table in columns, or row by row if a line would be too long.
    fn table(&mut self, rows: &[Vec<String>]) {
        let Some((head, rows)) = rows.split_first() else { return };
        let rows: Vec<&Vec<String>> = rows.iter().filter(|row| !row.iter().all(|cell| is_rule(cell))).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).chain(head.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        if widths.iter().sum::<usize>() + 2 * widths.len() <= self.columns {
            for row in rows {
                let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
                self.push(&format!("  {}", cells.collect::<Vec<_>>().join("  ")));
            }
            return;
        }
        for row in rows {
            let Some((first, rest)) = row.split_first() else { continue };
            let (last, middle) = rest.split_last().map_or(("", rest), |(last, middle)| (last.as_str(), middle));
            let named = head.iter().skip(1).zip(middle).filter(|(_, cell)| !cell.is_empty());
            let named: Vec<String> = named
                .map(|(head, cell)| if head == "default" { format!("default: {cell}") } else { cell.clone() })
                .collect();
            let line = match named.is_empty() {
                true => format!("  {first}"),
                false => format!("  {first}: {}", named.join("; ")),
            };
            for (number, line) in wrap(line.trim_end(), self.columns, 0, 6).iter().enumerate() {
                let painted =
                    if number == 0 { line.replacen(first.as_str(), &self.strong(first), 1) } else { line.clone() };
                self.push(&painted);
            }
            if !last.is_empty() {
                self.wrapped(last, 6, 6);
            }
        }
    }
}

/// Returns the cells of a row, without links.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|');
    let inner = inner.strip_suffix('|').unwrap_or(inner).replace("\\|", "\u{0}");
    inner.split('|').map(|cell| plain(cell.trim()).replace('\u{0}', "|")).collect()
}

fn is_rule(cell: &str) -> bool {
    !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':')
}

/// Replaces links by their labels. A web address is added after its label.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(label, after)| {
            let (target, after) = after.split_once(')')?;
            (!label.contains('[')).then_some((label, target, after))
        });
        out += before;
        match link {
            Some((label, target, after)) => {
                out += label;
                if target.starts_with("http") {
                    let _ = write!(out, " ({target})");
                }
                rest = after;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out += rest;
    out.replace("<http", "http").replace(">\n", "\n").trim_end_matches('>').to_owned()
}

/// Wraps a text to this number of columns. A longer word gets a separate line.
fn wrap(text: &str, columns: usize, indent: usize, hanging: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent) + &" ".repeat(text.len() - text.trim_start().len());
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(hanging)));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::{plain, render};

    const PAGE: &str = "\
# sqs::Queue

A queue of [`SQS`](sqs.md): encrypted, reached by TLS alone,
with a queue beside it.

```rust
# let app = App::new(\"shop\");
let queue = Queue::new();
```

| field | type | default | description |
|---|---|---|---|
| `retention` | `Duration` | 4 days | How long a message that nobody takes is kept. |

- <https://example.com/sqs>
";

    #[test]
    fn renders_wide_table_row_by_row() {
        let narrow = "\
sqs::Queue

A queue of `SQS`: encrypted, reached by TLS
alone, with a queue beside it.

    let app = App::new(\"shop\");
    let queue = Queue::new();

  `retention`: `Duration`; default: 4 days
      How long a message that nobody takes
      is kept.

- https://example.com/sqs
";
        assert_eq!(render(PAGE, 44, false), narrow);
        let wide = render(PAGE, 100, false);
        assert!(wide.contains("\n  `retention`  `Duration`  4 days   How long"), "{wide}");
    }

    #[test]
    fn lines_fit_terminal_width() {
        let page = crate::reference::find("rds::Database")[0];
        let is_code = |line: &&str| line.starts_with("    ") || line.contains("http");
        let text = render(page.text, 60, false);
        let long: Vec<&str> = text.lines().filter(|it| !is_code(it) && it.chars().count() > 60).collect();
        assert!(long.iter().all(|line| !line.trim().contains(' ')), "{long:#?}");
    }

    #[test]
    fn keeps_brackets_outside_of_links() {
        assert_eq!(plain("`&[Cidr]` and [`Key`](kms-key.md)"), "`&[Cidr]` and `Key`");
    }
}
