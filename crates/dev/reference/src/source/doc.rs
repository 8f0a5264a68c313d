//! Doc comments and their parts.

/// The lines of a doc comment.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    lines: Vec<String>,
}

/// A runnable code block.
#[derive(Clone, Debug)]
pub struct Example {
    lines: Vec<String>,
}

impl Doc {
    /// Returns the documentation in attributes.
    pub fn of(attributes: &[syn::Attribute]) -> Self {
        let mut lines = Vec::new();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
            if let syn::Meta::NameValue(pair) = &attribute.meta
                && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value
            {
                let text = text.value();
                lines.push(text.strip_prefix(' ').unwrap_or(&text).to_owned());
            }
        }
        Self { lines }
    }

    /// Whether the documentation is empty.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns every heading with its lines. Lines before the first heading have an empty heading.
    fn parts(&self) -> Vec<(String, Vec<&str>)> {
        let mut parts: Vec<(String, Vec<&str>)> = vec![(String::new(), Vec::new())];
        let mut is_code = false;
        for line in &self.lines {
            is_code ^= line.starts_with("```");
            match line.strip_prefix("# ") {
                Some(title) if !is_code => parts.push((title.to_owned(), Vec::new())),
                _ if line.starts_with("Source: ") => {}
                _ => parts.last_mut().expect("there is a first part").1.push(line.as_str()),
            }
        }
        parts
    }

    /// Returns the text before the first heading, without Rust code.
    pub fn intro(&self) -> String {
        let parts = self.parts();
        let mut block: Option<bool> = None;
        let lines = parts[0].1.iter().filter(|line| match (block, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                let is_text = kind == "text";
                block = Some(is_text);
                is_text
            }
            (Some(is_text), fence) => {
                if fence.is_some() {
                    block = None;
                }
                is_text
            }
            (None, None) => true,
        });
        joined(lines.copied())
    }

    /// Returns the text below a heading.
    pub fn section(&self, title: &str) -> Option<String> {
        let parts = self.parts();
        let (_, lines) = parts.iter().find(|(name, _)| name == title)?;
        let mut is_code = false;
        let lines = lines.iter().map(|line| {
            let is_fence = line.starts_with("```");
            is_code ^= is_fence;
            if is_code && is_fence && is_run(&line[3..]) { "```rust" } else { *line }
        });
        Some(joined(lines))
    }

    /// Returns the headings in order.
    pub fn titles(&self) -> Vec<String> {
        self.parts().into_iter().map(|(title, _)| title).filter(|title| !title.is_empty()).collect()
    }

    /// Returns the first sentence.
    pub fn sentence(&self) -> String {
        let paragraph: Vec<&str> = self.lines.iter().map(|it| it.trim()).take_while(|line| !line.is_empty()).collect();
        let text = paragraph.join(" ");
        text.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
    }

    /// Returns the text as one paragraph without code, for a table cell.
    pub fn flat(&self) -> String {
        self.intro().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Returns the text of a field without its `Default: …`, and the complete default.
    pub fn default(&self) -> (String, Option<String>) {
        let flat = self.flat();
        let Some((before, rest)) = flat.split_once("Default: ") else { return (flat, None) };
        let (default, after) = match sentence_end(rest) {
            Some(end) => (&rest[..end], rest[end + 1..].trim()),
            None => (rest, ""),
        };
        let text = format!("{} {after}", before.trim()).trim().to_owned();
        (text, Some(default.trim().to_owned()))
    }

    /// Returns the URLs of `Source:` lines.
    pub fn sources(&self) -> Vec<String> {
        let lines = self.lines.iter().filter_map(|line| line.strip_prefix("Source: "));
        lines.flat_map(|line| line.split('<').skip(1)).filter_map(|it| Some(it.split_once('>')?.0.to_owned())).collect()
    }

    /// Returns the first runnable code block.
    pub fn example(&self) -> Option<Example> {
        let mut block: Option<(&str, Vec<String>)> = None;
        for line in &self.lines {
            match (&mut block, line.strip_prefix("```")) {
                (None, Some(kind)) => block = Some((kind, Vec::new())),
                (Some((kind, lines)), Some("")) if is_run(kind) => {
                    return Some(Example { lines: std::mem::take(lines) });
                }
                (Some(_), Some(_)) => block = None,
                (Some((_, lines)), None) => lines.push(line.clone()),
                (None, None) => {}
            }
        }
        None
    }

    /// Returns all diagnostic codes in the text.
    pub fn codes(&self) -> Vec<String> {
        codes(&self.lines.join("\n"))
    }
}

/// Whether a code block with this info string is runnable Rust.
fn is_run(kind: &str) -> bool {
    matches!(kind, "" | "rust" | "no_run")
}

/// Returns the diagnostic codes in a text, such as `MS0101`.
pub fn codes(text: &str) -> Vec<String> {
    let found = text.match_indices("MS").filter_map(|(start, _)| text.get(start..start + 6));
    found.filter(|code| code[2..].bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned).collect()
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Returns the end of the first sentence. A period within backticks or within a word does not end a sentence.
fn sentence_end(text: &str) -> Option<usize> {
    let mut is_code = false;
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| {
        is_code ^= bytes[at] == b'`';
        bytes[at] == b'.' && !is_code && bytes.get(at + 1).is_none_or(|next| *next == b' ')
    })
}

impl Example {
    /// Returns the lines in the doc comment, in which hidden lines begin with `# `.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Returns the compiled code, up to its own call of the synthesis.
    pub fn code(&self) -> String {
        let lines = self.lines.iter().map(|line| shown(line)).take_while(|line| !line.contains(".synth()"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns the variable with the app.
    pub fn app(&self) -> Option<String> {
        let line = self.lines.iter().find(|line| line.contains("App::new("))?;
        let name = shown(line).trim().strip_prefix("let ")?.split([' ', ':']).next()?.to_owned();
        Some(name)
    }

    /// Returns the first quoted text after each call of a function, such as `Queue::new` or `.version`.
    pub fn ids(&self, call: &str) -> Vec<String> {
        let code = self.code();
        let mut found = Vec::new();
        for (start, call) in code.match_indices(&format!("{call}(")) {
            let is_whole = call.starts_with('.') || !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if let Some(id) = code[start + call.len()..].split('"').nth(1).filter(|_| is_whole) {
                found.push(id.to_owned());
            }
        }
        found
    }
}

/// Returns a line without the marker for hidden lines.
fn shown(line: &str) -> &str {
    let trimmed = line.trim_start();
    match trimmed.strip_prefix("# ") {
        Some(rest) => rest,
        None if trimmed == "#" => "",
        None => line,
    }
}
