//! The templates of the files that meshsynth writes for users: projects of `init`, CI workflows, and reports.
//!
//! Files with the suffix `.hbs` are Handlebars templates. This package contains only their texts.

/// The files of a project: their paths in the project, and their templates.
pub type Skeleton = &'static [(&'static str, &'static str)];

macro_rules! skeleton {
    ($($path:literal: $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("init/", $file)))),*]
    };
}

/// The projects that `meshsynth init` writes.
pub mod init {
    use super::Skeleton;

    /// A network, a cluster and one service.
    pub const MINIMAL: Skeleton = skeleton! {
        "Cargo.toml": "common/Cargo.toml.hbs",
        "meshsynth.toml": "minimal/meshsynth.toml.hbs",
        ".gitignore": "common/gitignore.hbs",
        "rustfmt.toml": "common/rustfmt.toml.hbs",
        "src/lib.rs": "minimal/lib.rs.hbs",
        "src/main.rs": "minimal/main.rs.hbs",
        "tests/platform.rs": "minimal/platform.rs.hbs",
    };

    /// Three services with a database, a cache and a public entry point.
    pub const MICROSERVICES: Skeleton = skeleton! {
        "Cargo.toml": "common/Cargo.toml.hbs",
        "meshsynth.toml": "microservices/meshsynth.toml.hbs",
        ".gitignore": "common/gitignore.hbs",
        "rustfmt.toml": "common/rustfmt.toml.hbs",
        "src/lib.rs": "microservices/lib.rs.hbs",
        "src/main.rs": "microservices/main.rs.hbs",
        "tests/platform.rs": "microservices/platform.rs.hbs",
    };

    /// Two services in an Istio mesh, with an ingress gateway and a canary.
    pub const MESH: Skeleton = skeleton! {
        "Cargo.toml": "common/Cargo.toml.hbs",
        "meshsynth.toml": "mesh/meshsynth.toml.hbs",
        ".gitignore": "common/gitignore.hbs",
        "rustfmt.toml": "common/rustfmt.toml.hbs",
        "src/lib.rs": "mesh/lib.rs.hbs",
        "src/main.rs": "mesh/main.rs.hbs",
        "tests/platform.rs": "mesh/platform.rs.hbs",
    };

    /// One Istio mesh over two regions.
    pub const CROSS_REGION: Skeleton = skeleton! {
        "Cargo.toml": "common/Cargo.toml.hbs",
        "meshsynth.toml": "cross-region/meshsynth.toml.hbs",
        ".gitignore": "common/gitignore.hbs",
        "rustfmt.toml": "common/rustfmt.toml.hbs",
        "src/lib.rs": "cross-region/lib.rs.hbs",
        "src/main.rs": "cross-region/main.rs.hbs",
        "tests/platform.rs": "cross-region/platform.rs.hbs",
    };

    /// Rules for the platforms of a company.
    pub const POLICY: Skeleton = skeleton! {
        "Cargo.toml": "policy/Cargo.toml.hbs",
        ".gitignore": "policy/gitignore.hbs",
        "rustfmt.toml": "common/rustfmt.toml.hbs",
        "README.md": "policy/README.md.hbs",
        "src/lib.rs": "policy/lib.rs.hbs",
        "tests/rules.rs": "policy/rules.rs.hbs",
    };

    /// The files of an adopted project, without its program.
    pub const ADOPTED: Skeleton = skeleton! {
        "Cargo.toml": "common/Cargo.toml.hbs",
        "meshsynth.toml": "minimal/meshsynth.toml.hbs",
        ".gitignore": "common/gitignore.hbs",
        "rustfmt.toml": "adopted/rustfmt.toml.hbs",
        "src/main.rs": "minimal/main.rs.hbs",
        "README.md": "adopted/README.md.hbs",
    };
}

/// The CI workflows that `meshsynth init --ci` writes.
pub mod ci {
    /// A workflow of GitHub Actions.
    pub const GITHUB: &str = include_str!("ci/github.yml");
    /// A pipeline of GitLab.
    pub const GITLAB: &str = include_str!("ci/gitlab.yml");
}

/// The reports that commands write with `--format` or `--html`.
pub mod reports {
    /// The page of `meshsynth diff --format html`.
    pub const DIFF_HTML: &str = include_str!("reports/diff.html.hbs");
    /// The comment of `meshsynth diff --format markdown`.
    pub const DIFF_MARKDOWN: &str = include_str!("reports/diff.md.hbs");
    /// The page of `meshsynth reach`.
    pub const REACH_HTML: &str = include_str!("reports/reach.html.hbs");
    /// The page of `meshsynth lose`.
    pub const LOSE_HTML: &str = include_str!("reports/lose.html.hbs");
    /// The page of `meshsynth graph`.
    pub const GRAPH_HTML: &str = include_str!("reports/graph.html");
}
