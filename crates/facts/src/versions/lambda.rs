//! The runtimes of AWS Lambda and their deprecation dates.
//!
//! The list is from the data of cfn-lint, as of 2026-11. A newer runtime is reported as a warning, not as an error.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>

/// The support status of a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The runtime receives security updates.
    Supported,
    /// The runtime no longer receives security updates. Contains the deprecation date and the successor.
    Deprecated(&'static str, &'static str),
    /// The runtime is not in the list.
    Unknown,
}

/// The date of the list.
pub const JUDGED: &str = "2026-11-23";

const SUPPORTED: [&str; 17] = [
    "dotnet10",
    "java11",
    "java17",
    "java21",
    "java25",
    "java8.al2",
    "nodejs22.x",
    "nodejs24.x",
    "nodejs26.x",
    "provided.al2023",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
];

const DEPRECATED: [(&str, &str, &str); 30] = [
    ("dotnet6", "2024-12-20", "dotnet10"),
    ("dotnet8", "2026-11-10", "dotnet10"),
    ("dotnetcore1.0", "2019-06-27", "dotnet10"),
    ("dotnetcore2.0", "2019-05-30", "dotnet10"),
    ("dotnetcore2.1", "2022-01-05", "dotnet10"),
    ("dotnetcore3.1", "2023-04-03", "dotnet10"),
    ("go1.x", "2024-01-08", "provided.al2023"),
    ("java8", "2024-01-08", "java25"),
    ("nodejs", "2016-08-30", "nodejs24.x"),
    ("nodejs4.3", "2020-03-05", "nodejs24.x"),
    ("nodejs4.3-edge", "2020-03-05", "nodejs24.x"),
    ("nodejs6.10", "2019-08-12", "nodejs24.x"),
    ("nodejs8.10", "2020-03-06", "nodejs24.x"),
    ("nodejs10.x", "2021-07-30", "nodejs24.x"),
    ("nodejs12.x", "2023-03-31", "nodejs24.x"),
    ("nodejs14.x", "2023-12-04", "nodejs24.x"),
    ("nodejs16.x", "2024-06-12", "nodejs24.x"),
    ("nodejs18.x", "2025-09-01", "nodejs24.x"),
    ("nodejs20.x", "2026-04-30", "nodejs24.x"),
    ("provided", "2024-01-08", "provided.al2023"),
    ("provided.al2", "2026-07-31", "provided.al2023"),
    ("python2.7", "2021-07-15", "python3.14"),
    ("python3.6", "2022-07-18", "python3.14"),
    ("python3.7", "2023-12-04", "python3.14"),
    ("python3.8", "2024-10-14", "python3.14"),
    ("python3.9", "2025-12-15", "python3.14"),
    ("python3.10", "2026-10-31", "python3.14"),
    ("ruby2.5", "2021-07-30", "ruby4.0"),
    ("ruby2.7", "2023-12-07", "ruby4.0"),
    ("ruby3.2", "2026-03-31", "ruby4.0"),
];

/// Returns the support status of a runtime.
pub fn offer(runtime: &str) -> Offer {
    if SUPPORTED.contains(&runtime) {
        return Offer::Supported;
    }
    let deprecated = DEPRECATED.iter().find(|(name, ..)| *name == runtime);
    deprecated.map_or(Offer::Unknown, |(_, since, next)| Offer::Deprecated(since, next))
}

/// Returns all runtimes of the list, for suggestions.
pub fn known() -> impl Iterator<Item = &'static str> {
    SUPPORTED.into_iter().chain(DEPRECATED.iter().map(|(name, ..)| *name))
}
