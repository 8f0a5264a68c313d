//! Detection of credentials by their form and by their names.
//!
//! Both checks are intentionally strict. A review can find a missed secret, but false
//! positives make users ignore the findings.

/// Whether a text contains a credential with a recognizable form.
pub(in crate::rules) fn is_credential(text: &str) -> bool {
    // Keys and tokens have at least this length, and a URL with a password contains `://`.
    if text.len() < 20 && !text.contains("://") {
        return false;
    }
    // Each mark contains one of these bytes: `AKIA` contains `K`, `ASIA` contains `S`, and tokens contain `_` or `-`.
    let seen = text.bytes().fold(0, |seen, byte| seen | SIGNS[usize::from(byte)]);
    seen & SPACE != 0 && seen & DASH != 0 && has_private_key(text)
        || seen & (UPPER | LINE | DASH) != 0 && has_mark(text) && words(text).any(is_token)
        || seen & COLON != 0 && has_password_in_url(text)
}

const SPACE: u8 = 1;
const DASH: u8 = 2;
const UPPER: u8 = 4;
const LINE: u8 = 8;
const COLON: u8 = 16;

const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    signs[b' ' as usize] = SPACE;
    signs[b'-' as usize] = DASH;
    signs[b'K' as usize] = UPPER;
    signs[b'S' as usize] = UPPER;
    signs[b'_' as usize] = LINE;
    signs[b':' as usize] = COLON;
    signs
};

/// Returns whether a text contains one of the [`MARKS`], in one pass.
fn has_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        matches!(byte, b'A' | b'g' | b'x') && MARKS.iter().any(|mark| bytes[at..].starts_with(mark.as_bytes()))
    })
}

/// The prefixes of tokens of some issuers. They begin with `A`, `g` or `x`.
const MARKS: [&str; 9] = ["AKIA", "ASIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-"];

/// Whether a text contains a private key in PEM format with its body, not only the first line.
fn has_private_key(text: &str) -> bool {
    text.split("-----BEGIN ").skip(1).any(|after| {
        let Some((label, body)) = after.split_once("PRIVATE KEY-----") else { return false };
        let is_body = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '\n' | '\r' | '\\');
        label.len() < 20 && body.chars().take_while(is_body).count() >= 40
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
}

/// Whether a word is an AWS access key, or a token with the prefix of its issuer.
fn is_token(word: &str) -> bool {
    let is_key = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let is_aws = (word.starts_with("AKIA") || word.starts_with("ASIA"))
        && word.len() == 20
        && word.chars().all(is_key)
        && word.chars().any(|c| c.is_ascii_digit());
    is_aws || MARKS[2..].iter().any(|mark| word.starts_with(mark) && word.len() >= mark.len() + 16)
}

/// Whether a text contains a URL with a plain text password, such as `amqp://shop:hunter2@host`.
fn has_password_in_url(text: &str) -> bool {
    // `contains` is much faster than `split`, and most texts with a colon are ARNs.
    text.contains("://")
        && text.split("://").skip(1).any(|after| {
            let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'');
            let authority = after.split(ends).next().unwrap_or_default();
            let Some((user, _)) = authority.rsplit_once('@') else { return false };
            let password = user.split_once(':').map_or("", |(_, password)| password);
            !password.is_empty() && !password.contains(['$', '{', '<', '*', '%'])
        })
}

/// Whether a value with this name is a secret, such as `DB_PASSWORD` or `clientSecret`.
pub(in crate::rules) fn names_secret(name: &str) -> bool {
    let name = snake(name);
    let is = |word: &str| ends_with_word(&name, word);
    const ALONE: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "api_key",
        "apikey",
        "private_key",
        "secret_key",
        "secret_access_key",
        "auth_token",
    ];
    const PAIRED: [&str; 10] = [
        "client_secret",
        "webhook_secret",
        "shared_secret",
        "jwt_secret",
        "app_secret",
        "signing_secret",
        "session_secret",
        "cookie_secret",
        "access_token",
        "bearer_token",
    ];
    ALONE.into_iter().chain(PAIRED).any(is)
}

/// Whether a value with this name is a password, for documents with other naming conventions.
pub(in crate::rules) fn names_password(name: &str) -> bool {
    let name = snake(name);
    ["password", "passwd", "passphrase"].iter().any(|word| ends_with_word(&name, word))
}

/// Whether a name in snake case equals a word or ends with it.
fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// Whether a text with such a name is a plain value, and neither a reference nor a flag.
pub(in crate::rules) fn is_written_out(text: &str) -> bool {
    let text = text.trim();
    let refers = ["$(", "${", "{{", "arn:", "/", "http://", "https://", "file:", "vault:", "ref+"];
    let switches = ["", "true", "false", "null", "none", "changeme", "<secret>"];
    let is_masked = text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-'));
    !refers.iter().any(|start| text.starts_with(start)) && !switches.contains(&text) && !is_masked
}

/// Converts `clientSecret`, `client-secret` and `CLIENT_SECRET` to `client_secret`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for c in name.chars() {
        match c.is_ascii_alphanumeric() {
            true if c.is_ascii_uppercase() && was_lower => out.extend(['_', c.to_ascii_lowercase()]),
            true => out.push(c.to_ascii_lowercase()),
            false => out.push('_'),
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    out
}

/// Decodes base64, or returns `None` if the result is not text.
pub(in crate::rules) fn from_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut n_bits) = (0u32, 0);
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace() && *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits) as u8);
            bits &= (1 << n_bits) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The key is built at run time, so that secret scanners do not report this file.
    fn access_key() -> String {
        ["AKIA", "IOSFODNN7", "EXAMPLE"].concat()
    }

    #[test]
    fn recognizes_credentials_by_their_form() {
        let key = format!("-----BEGIN EC PRIVATE {}-----\n{}\n", "KEY", "MHcCAQEE".repeat(8));
        for text in [access_key(), key, "amqp://shop:hunter2@mq:5672".into(), ["ghp_", "0123456789abcdef"].concat()] {
            assert!(is_credential(&text), "{text}");
        }
    }

    #[test]
    fn accepts_texts_similar_to_credentials() {
        for text in [
            "AKIAlike words",
            "postgresql://db.internal:5432/orders?sslmode=require",
            "amqp://shop:$(PASSWORD)@mq",
            "amqp://shop:${PASSWORD}@mq",
            "git@github.com:shop/orders.git",
            "https://example.com/a:b@c",
            "grep -- '-----BEGIN PRIVATE KEY-----' file",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-password",
        ] {
            assert!(!is_credential(text), "{text}");
        }
    }

    #[test]
    fn recognizes_secrets_by_their_names() {
        for name in ["DB_PASSWORD", "password", "clientSecret", "AWS_SECRET_ACCESS_KEY", "stripe-api-key", "authToken"]
        {
            assert!(names_secret(name), "{name}");
        }
        for name in
            ["PASSWORD_FILE", "SECRET_NAME", "passwordPolicy", "TOKEN_URL", "MAX_TOKENS", "DB_SECRET", "existingSecret"]
        {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(from_base64("aHVudGVyMg=="), Some("hunter2".to_owned()));
        assert_eq!(from_base64("not base64!"), None);
    }
}
