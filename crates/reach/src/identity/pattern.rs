//! Matches policy patterns with text that a deployment completes.
//!
//! A text has parts that are unknown before a deployment. `${AWS::AccountId}` may have any value. `${=data/kafka}` is a
//! name that AWS generates, which differs from every other text. A pattern also has `*`, `?` and IAM policy variables
//! such as `${aws:PrincipalTag/team}`, which the request fills in.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use super::context::{Context, Known};
use super::truth::Truth;

/// A step of a text or a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// A name that AWS generates. Only itself and `*` match it.
    Made(String),
    /// An unknown text. The same name always has the same value.
    Open(String),
    /// `?`
    One,
    /// `*`
    Many,
    /// The value of a condition key, and its default value if the key is absent.
    Variable(String, Option<String>),
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    tokens: Vec<Token>,
    /// The literal characters at the start.
    start: String,
    /// The literal characters at the end, in reverse order.
    end: String,
    ignores_case: bool,
}

/// The syntax of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// Whether IAM policy variables are supported, as in documents of version `2012-10-17`.
    pub variables: bool,
    /// Whether matching ignores case.
    pub ignores_case: bool,
}

impl Pattern {
    /// Parses a pattern.
    pub fn new(text: &str, form: Form) -> Self {
        let tokens = tokens(text, form);
        let literal = |it: &Token| if let Token::Char(c) = it { Some(*c) } else { None };
        let start = tokens.iter().map_while(literal).collect();
        let end = tokens.iter().rev().map_while(literal).collect();
        Self { text: text.to_owned(), tokens, start, end, ignores_case: form.ignores_case }
    }

    /// Returns the written text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches every text.
    pub fn is_any(&self) -> bool {
        self.tokens == [Token::Many]
    }

    /// Whether it contains a wildcard.
    pub fn is_of_many(&self) -> bool {
        self.tokens.iter().any(|it| matches!(it, Token::One | Token::Many))
    }

    /// Returns whether a text matches in the context of a request.
    pub fn matches(&self, text: &str, context: &Context) -> Truth {
        if self.is_any() {
            return Truth::Yes;
        }
        if self.differs_at_an_end(text) {
            return Truth::No;
        }
        let filled: Vec<Token>;
        let mut pattern = &self.tokens;
        if self.has_variables() {
            let Some(tokens) = self.filled(context) else { return Truth::No };
            filled = tokens;
            pattern = &filled;
        }
        let text = tokens(text, Form { wildcards: false, variables: false, ignores_case: false });
        let is_plain = |tokens: &[Token]| !tokens.iter().any(|it| matches!(it, Token::Open(_)));
        if self.covers(pattern, &text) {
            Truth::Yes
        } else if (is_plain(pattern) && is_plain(&text)) || !self.meets(pattern, &text) {
            Truth::No
        } else {
            Truth::Unknown
        }
    }

    /// Returns whether a text may match in any request context. `false` is certain.
    pub fn may_match(&self, text: &str) -> bool {
        match self.has_variables() {
            true => !self.differs_at_an_end(text),
            false => self.matches(text, &Context::default()) != Truth::No,
        }
    }

    /// Returns whether the literal characters at the start or at the end differ. Most texts belong to another service or
    /// have another name.
    fn differs_at_an_end(&self, text: &str) -> bool {
        let start = text.split("${").next().unwrap_or_default();
        let end = text.rsplit('}').next().unwrap_or_default();
        let is_same = |(a, b)| self.is_same(a, b);
        !self.start.chars().zip(start.chars()).all(is_same) || !self.end.chars().zip(end.chars().rev()).all(is_same)
    }

    fn has_variables(&self) -> bool {
        self.tokens.iter().any(|it| matches!(it, Token::Variable(..)))
    }

    /// Replaces variables by the values of the request. Returns `None` if a key is absent, because the pattern then
    /// matches no text.
    fn filled(&self, context: &Context) -> Option<Vec<Token>> {
        let mut filled = Vec::new();
        for token in &self.tokens {
            let Token::Variable(key, default) = token else {
                filled.push(token.clone());
                continue;
            };
            match context.get(key) {
                Known::Values(values) => match values.as_slice() {
                    [value] => filled.extend(literal(value)),
                    _ => filled.push(Token::Open(key.clone())),
                },
                Known::Unknown => filled.push(Token::Open(key.clone())),
                Known::Absent => filled.extend(literal(default.as_deref()?)),
            }
        }
        Some(filled)
    }

    fn is_same(&self, a: char, b: char) -> bool {
        a == b || (self.ignores_case && a.eq_ignore_ascii_case(&b))
    }

    /// Whether the pattern matches for every deployment.
    fn covers(&self, pattern: &[Token], text: &[Token]) -> bool {
        // The last `*`, and the end of the text that it matches.
        let (mut at, mut of, mut star) = (0, 0, None);
        while of < text.len() {
            let fits = match (pattern.get(at), &text[of]) {
                (Some(Token::Many), _) => {
                    star = Some((at, of));
                    at += 1;
                    continue;
                }
                (Some(Token::One), Token::Char(_)) => true,
                (Some(Token::Char(a)), Token::Char(b)) => self.is_same(*a, *b),
                (Some(a @ (Token::Made(_) | Token::Open(_))), b) => a == b,
                _ => false,
            };
            if fits {
                (at, of) = (at + 1, of + 1);
                continue;
            }
            let Some((many, end)) = star else { return false };
            star = Some((many, end + 1));
            (at, of) = (many + 1, end + 1);
        }
        pattern[at..].iter().all(|it| *it == Token::Many)
    }

    /// Whether the pattern matches for some deployment.
    fn meets(&self, pattern: &[Token], text: &[Token]) -> bool {
        let is_wide = |token: &Token| matches!(token, Token::Many | Token::Open(_));
        // Returns whether a token that matches any text can match a token of the other pattern.
        let takes = |wide: &Token, other: &Token| match (wide, other) {
            (Token::Open(name), Token::Char(c)) if is_word(name) => c.is_ascii_alphanumeric() || *c == '-',
            (Token::Open(name), Token::Made(_) | Token::One) if is_word(name) => *other == Token::One,
            (Token::Open(name), Token::Open(other)) if is_word(name) => is_word(other),
            (Token::Many | Token::Open(_), _) => true,
            _ => false,
        };
        // `reached[of]`: the previous steps of the pattern can match the first `of` steps of the text.
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for of in 0..text.len() {
            reached[of + 1] = reached[of] && is_wide(&text[of]);
        }
        let mut before = reached.clone();
        for step in pattern {
            if !reached.contains(&true) {
                return false;
            }
            std::mem::swap(&mut before, &mut reached);
            reached[0] = before[0] && is_wide(step);
            for of in 0..text.len() {
                let fits = match (step, &text[of]) {
                    (Token::One, Token::Char(_)) => true,
                    (Token::Char(a), Token::Char(b)) => self.is_same(*a, *b),
                    (Token::Made(a), Token::Made(b)) => a == b,
                    _ => false,
                };
                reached[of + 1] = (before[of] && fits)
                    || (is_wide(step) && (before[of + 1] || (takes(step, &text[of]) && reached[of])))
                    || (is_wide(&text[of]) && (reached[of] || (takes(&text[of], step) && before[of + 1])));
            }
        }
        reached[text.len()]
    }
}

/// Whether an unknown text is a single word: an account, a region, a partition.
fn is_word(name: &str) -> bool {
    name.trim_start_matches('?').starts_with("AWS::")
}

fn literal(text: &str) -> Vec<Token> {
    tokens(text, Form { wildcards: false, variables: false, ignores_case: false })
}

fn tokens(text: &str, form: Form) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((inner, after)) = rest.strip_prefix("${").and_then(|it| it.split_once('}')) {
            tokens.push(part(inner, form));
            rest = after;
            continue;
        }
        tokens.push(match c {
            '*' if form.wildcards => Token::Many,
            '?' if form.wildcards => Token::One,
            c => Token::Char(c),
        });
        rest = &rest[c.len_utf8()..];
    }
    tokens
}

/// Parses the text between `${` and `}`.
fn part(inner: &str, form: Form) -> Token {
    if let Some(name) = inner.strip_prefix('=') {
        return Token::Made(name.to_owned());
    }
    if form.variables && ["*", "?", "$"].contains(&inner) {
        return Token::Char(inner.chars().next().unwrap_or_default());
    }
    let (name, default) = inner.split_once(',').map_or((inner, None), |(name, default)| (name, Some(default)));
    // CloudFormation pseudo parameters are not IAM policy variables.
    let is_key = name.split_once(':').is_some_and(|(service, key)| !service.is_empty() && !key.starts_with(':'));
    if form.variables && is_key {
        let default = default.map(|it| it.trim().trim_matches('\'').to_owned());
        return Token::Variable(name.trim().to_owned(), default);
    }
    Token::Open(inner.to_owned())
}

/// Formats a text for display. Parts that a deployment fills in are enclosed in `<>`.
pub fn shown(text: &str) -> String {
    let mut pieces = text.split("${");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('}') {
            Some((inner, rest)) => {
                let name = match inner.trim_start_matches(['=', '?']) {
                    "AWS::AccountId" => "account",
                    "AWS::Region" => "region",
                    name => name,
                };
                out.push_str(&format!("<{name}>{rest}"));
            }
            None => out.push_str(&format!("${{{piece}")),
        }
    }
    out
}

/// Returns whether two texts are equal after a deployment.
pub fn same(a: &str, b: &str) -> Truth {
    Pattern::new(a, Form { wildcards: false, variables: false, ignores_case: false }).matches(b, &Context::default())
}

#[cfg(test)]
mod tests {
    use super::{Form, Pattern, same};
    use crate::identity::context::Context;
    use crate::identity::truth::Truth::{self, No, Unknown, Yes};

    fn fits(pattern: &str, text: &str) -> Truth {
        let form = Form { wildcards: true, variables: true, ignores_case: false };
        let context = Context::closed().with("aws:username", "ann");
        Pattern::new(pattern, form).matches(text, &context)
    }

    #[test]
    fn wildcards_match_any_text() {
        assert_eq!(fits("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b"), Yes);
        assert_eq!(fits("arn:aws:s3:::b/*", "arn:aws:s3:::b"), No);
        assert_eq!(fits("a?c*e", "abcdde"), Yes);
        assert_eq!(fits("a?c*e", "ace"), No);
        assert_eq!(fits("**", ""), Yes);
    }

    #[test]
    fn deployment_values_may_match() {
        assert_eq!(fits("arn:aws:sqs:*:111122223333:q", "arn:aws:sqs:eu-west-1:${AWS::AccountId}:q"), Unknown);
        assert_eq!(fits("arn:aws:sqs:*:${AWS::AccountId}:q", "arn:aws:sqs:eu-west-1:${AWS::AccountId}:q"), Yes);
        assert_eq!(fits("arn:aws:sqs:*:111122223333:q", "arn:aws:sqs:eu-west-1:${AWS::AccountId}:other"), No);
        assert_eq!(fits("${Parameter}", "anything"), Unknown);
    }

    #[test]
    fn generated_name_matches_only_the_same_resource() {
        assert_eq!(fits("key/${=data/key}", "key/${=data/key}"), Yes);
        assert_eq!(fits("key/*", "key/${=data/key}"), Yes);
        assert_eq!(fits("key/${=data/key}", "key/${=data/other}"), No);
        assert_eq!(fits("key/1234", "key/${=data/key}"), No);
        assert_eq!(fits("key/${KeyId}", "key/${=data/key}"), Unknown);
    }

    #[test]
    fn accounts_are_single_words() {
        let arn = |rest: &str| format!("arn:aws:ssm:eu-west-1:${{?AWS::AccountId}}:{rest}");
        assert_eq!(fits(&arn("parameter/a/*"), &arn("parameter/b/x")), No);
        assert_eq!(fits(&arn("dbuser:${=data/a}/app"), &arn("dbuser:${=data/b}/${?user}")), No);
        assert_eq!(fits(&arn("dbuser:${=data/a}/app"), &arn("dbuser:${=data/a}/${?user}")), Unknown);
        assert_eq!(fits("arn:aws:ssm:eu-west-1:*:parameter/a", &arn("parameter/a")), Yes);
    }

    #[test]
    fn requests_fill_in_variables() {
        assert_eq!(fits("home/${aws:username}/*", "home/ann/x"), Yes);
        assert_eq!(fits("home/${aws:username}/*", "home/bob/x"), No);
        assert_eq!(fits("home/${aws:PrincipalTag/team}/*", "home/red/x"), No);
        assert_eq!(fits("home/${aws:PrincipalTag/team, 'red'}/*", "home/red/x"), Yes);
        assert_eq!(fits("a${*}b", "a*b"), Yes);
        assert_eq!(fits("a${*}b", "axb"), No);
    }

    #[test]
    fn displays_deployment_values_in_brackets() {
        let arn = "arn:aws:kms:eu-west-1:${?AWS::AccountId}:key/${=data/key}";
        assert_eq!(super::shown(arn), "arn:aws:kms:eu-west-1:<account>:key/<data/key>");
    }

    #[test]
    fn compares_accounts_as_text() {
        assert_eq!(same("111122223333", "111122223333"), Yes);
        assert_eq!(same("111122223333", "${AWS::AccountId}"), Unknown);
        assert_eq!(same("${AWS::AccountId}", "${AWS::AccountId}"), Yes);
        assert_eq!(same("111122223333", "444455556666"), No);
    }
}
