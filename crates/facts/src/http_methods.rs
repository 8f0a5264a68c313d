//! HTTP request methods.

/// The registered methods, sorted.
///
/// Source: <https://www.iana.org/assignments/http-methods/http-methods.xhtml>
#[rustfmt::skip]
const METHODS: [&str; 40] = [
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
    "ORDERPATCH", "PATCH", "POST", "PRI", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH",
    "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
];

/// Returns the HTTP request methods that are registered with IANA, sorted.
///
/// ```
/// use meshsynth_facts as facts;
///
/// assert!(facts::http_methods().contains(&"PROPFIND"));
/// ```
///
/// Source: <https://www.iana.org/assignments/http-methods/http-methods.xhtml>
pub fn http_methods() -> &'static [&'static str] {
    &METHODS
}
