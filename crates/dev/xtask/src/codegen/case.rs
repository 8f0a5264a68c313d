//! Conversion of vendor names to Rust names.

/// Vendor words with unusual letter case that are one word in Rust names.
const WHOLE: [(&str, &str); 14] = [
    ("IPv", "Ipv"),
    ("IoT", "Iot"),
    ("OAuth", "Oauth"),
    ("SSEKMS", "SseKms"),
    ("AWSKMS", "AwsKms"),
    ("SSLv", "Sslv"),
    ("TLSv", "Tlsv"),
    ("GraphQL", "Graphql"),
    ("MySQL", "Mysql"),
    ("PostgreSQL", "Postgresql"),
    ("OpenSearch", "Opensearch"),
    ("vCpu", "Vcpu"),
    ("VCpu", "Vcpu"),
    ("QuickSight", "Quicksight"),
];

/// Rust keywords, which cannot be names.
const KEYWORDS: [&str; 49] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
];

/// Names that a record, a resource or its handle already uses, or that are Rust operators.
const TAKEN: [&str; 26] = [
    "add",
    "attr",
    "change",
    "clone",
    "clone_from",
    "define",
    "depends_on",
    "div",
    "eq",
    "fmt",
    "from",
    "into",
    "into_data",
    "logical_id",
    "mul",
    "ne",
    "new",
    "node",
    "on_delete",
    "patch",
    "raw",
    "reference",
    "rem",
    "shl",
    "shr",
    "sub",
];

/// Additional names that only the handle uses.
const TAKEN_BY_HANDLE: [&str; 5] = ["retain", "scope", "secret", "while", "yield"];

/// Returns the words of a name in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut name = name.to_owned();
    for (from, to) in WHOLE {
        name = name.replace(from, to);
    }
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (idx, &ch) in chars.iter().enumerate() {
        if !ch.is_ascii_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        if starts_word(&chars, idx) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(ch.to_ascii_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Whether a word begins at an upper-case letter: after a lower-case letter or a digit, or as the
/// last letter of an acronym before a word. A plural `s` belongs to its acronym.
fn starts_word(chars: &[char], idx: usize) -> bool {
    let at = |idx: usize| chars.get(idx).copied().unwrap_or(' ');
    if idx == 0 || !at(idx).is_ascii_uppercase() {
        return false;
    }
    if !at(idx - 1).is_ascii_uppercase() {
        return true;
    }
    let plural = at(idx + 1) == 's' && !at(idx + 2).is_ascii_lowercase();
    at(idx + 1).is_ascii_lowercase() && !plural
}

/// Converts a name to snake case: `CidrBlock` to `cidr_block`, `SSEKMSKeyId` to `sse_kms_key_id`.
pub fn snake(name: &str) -> String {
    let snake = words(name).join("_");
    match snake.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("n{snake}"),
        _ => snake,
    }
}

/// Returns the name of a field or setter: [`snake`], unless Rust or the record already uses it.
pub fn field(name: &str) -> String {
    free(snake(name), &[&KEYWORDS, &TAKEN, &["while", "yield"]])
}

/// Returns the name of a method of a resource handle.
pub fn method(name: &str) -> String {
    free(snake(name), &[&KEYWORDS, &TAKEN, &TAKEN_BY_HANDLE])
}

/// Returns the name of a module and its file.
pub fn module(name: &str) -> String {
    free(snake(name), &[&KEYWORDS, &["while", "yield", "mod"]])
}

fn free(name: String, taken: &[&[&str]]) -> String {
    match taken.iter().any(|names| names.contains(&name.as_str())) {
        true => format!("{name}_"),
        false => name,
    }
}

/// Returns the name of a type: `DbInstance` for `DBInstance`.
pub fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    for word in words(name) {
        let digit = |ch: Option<char>| ch.is_some_and(|ch| ch.is_ascii_digit());
        if digit(pascal.chars().last()) && digit(word.chars().next()) {
            pascal.push('_');
        }
        let mut chars = word.chars();
        pascal.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        pascal.extend(chars);
    }
    match pascal.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("V{pascal}"),
        _ => pascal,
    }
}

/// Returns the name of an enum variant, or `None` if the text has no letter or digit.
pub fn variant(text: &str) -> Option<String> {
    let sign = match text.strip_prefix('-') {
        Some(rest) if rest.starts_with(|ch: char| ch.is_ascii_digit()) => "minus ",
        _ => "",
    };
    let name = pascal(&format!("{sign}{text}"));
    match name.as_str() {
        "" => None,
        "Self" | "Other" => Some(format!("{name}_")),
        _ => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::{field, pascal, snake, variant};

    #[test]
    fn converts_names() {
        for (name, want) in [
            ("CidrBlock", "cidr_block"),
            ("DBInstanceClass", "db_instance_class"),
            ("EnableDnsHostnames", "enable_dns_hostnames"),
            ("VPCId", "vpc_id"),
            ("IPv6CIDRs", "ipv6_cidrs"),
            ("SSEKMSKeyId", "sse_kms_key_id"),
            ("PreferredCacheClusterAZs", "preferred_cache_cluster_azs"),
            ("EnableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record"),
            ("EC2InstanceType", "ec2_instance_type"),
            ("S3Bucket", "s3_bucket"),
            ("ARNs", "arns"),
            ("IAMServerId", "iam_server_id"),
            ("aws:SourceArn", "aws_source_arn"),
        ] {
            assert_eq!(snake(name), want);
        }
        assert_eq!(field("Type"), "type_");
        assert_eq!(pascal("DBInstance"), "DbInstance");
        assert_eq!(variant("ON_DEMAND").as_deref(), Some("OnDemand"));
        assert_eq!(variant("TLSv1.2_2021").as_deref(), Some("Tlsv1_2_2021"));
        assert_eq!(variant("-1").as_deref(), Some("Minus1"));
    }
}
