//! The Homebrew formula, generated from the checksums of a release.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// System and processor in Homebrew's terms, and the target of the archive.
const PLATFORMS: [(&str, &str, &str); 4] = [
    ("macos", "arm", "aarch64-apple-darwin"),
    ("macos", "intel", "x86_64-apple-darwin"),
    ("linux", "arm", "aarch64-unknown-linux-musl"),
    ("linux", "intel", "x86_64-unknown-linux-musl"),
];

/// Renders the formula of a version, such as `0.1.0`, from the text of `SHA256SUMS`.
///
/// # Errors
///
/// Returns an error if the version is not three numbers, or if a checksum is missing or malformed.
///
/// Source: <https://docs.brew.sh/Formula-Cookbook>.
pub fn render(version: &str, checksums: &str) -> Result<String> {
    if version.split('.').count() != 3 || !version.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) {
        bail!("`{version}` is not a version such as `0.1.0`");
    }
    let known: BTreeMap<&str, &str> =
        checksums.lines().filter_map(|line| line.split_once("  ")).map(|(sum, file)| (file.trim(), sum)).collect();
    let repository = env!("CARGO_PKG_REPOSITORY");
    let mut text = format!(
        "class Meshsynth < Formula\n  desc \"Typed Rust to CloudFormation and Kubernetes manifests\"\n  \
         homepage \"{repository}\"\n  version \"{version}\"\n  license any_of: [\"MIT\", \"Apache-2.0\"]\n"
    );
    for system in ["macos", "linux"] {
        text += &format!("\n  on_{system} do\n");
        for (_, processor, target) in PLATFORMS.iter().filter(|(it, ..)| *it == system) {
            let file = format!("meshsynth-{target}.tar.gz");
            let sum = known.get(file.as_str()).with_context(|| format!("the checksum of `{file}` is missing"))?;
            if sum.len() != 64 || !sum.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
                bail!("`{sum}` is not a SHA-256 checksum in lower case (`{file}`)");
            }
            text += &format!(
                "    on_{processor} do\n      url \"{repository}/releases/download/v{version}/{file}\"\n      \
                 sha256 \"{sum}\"\n    end\n"
            );
        }
        text += "  end\n";
    }
    text += "
  def install
    bin.install Dir[\"meshsynth*\"].select { |file| File.executable?(file) && File.file?(file) }
    man1.install Dir[\"man/*.1\"]
    bash_completion.install \"completions/meshsynth.bash\" => \"meshsynth\"
    zsh_completion.install \"completions/meshsynth.zsh\" => \"_meshsynth\"
    fish_completion.install \"completions/meshsynth.fish\"
  end

  test do
    assert_match \"meshsynth #{version}\", shell_output(\"#{bin}/meshsynth --version\")
  end
end
";
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksums() -> String {
        let line = |(index, (_, _, target)): (usize, &(&str, &str, &str))| {
            format!("{}  meshsynth-{target}.tar.gz\n", index.to_string().repeat(64))
        };
        PLATFORMS.iter().enumerate().map(line).collect()
    }

    #[test]
    fn each_platform_gets_its_archive_and_its_checksum() {
        let text = render("1.2.3", &checksums()).unwrap();
        for (index, (system, processor, target)) in PLATFORMS.iter().enumerate() {
            let at =
                |words: &str, from: usize| from + text[from..].find(words).unwrap_or_else(|| panic!("{words}: {text}"));
            let system = at(&format!("on_{system} do"), 0);
            let processor = at(&format!("on_{processor} do"), system);
            let url = at("url ", processor);
            let end = at("    end\n", url);
            let block = &text[url..end];
            assert!(block.contains(&format!("/releases/download/v1.2.3/meshsynth-{target}.tar.gz\"")), "{block}");
            assert!(block.contains(&format!("sha256 \"{}\"", index.to_string().repeat(64))), "{block}");
        }
        // Every block is closed.
        let opened =
            text.lines().filter(|line| line.ends_with(" do") || line.contains("def ") || line.starts_with("class"));
        assert_eq!(opened.count(), text.lines().filter(|line| line.trim() == "end").count());
    }

    #[test]
    fn rejects_a_release_without_a_checksum() {
        let text = checksums();
        let without = text.lines().skip(1).collect::<Vec<_>>().join("\n");
        let error = render("1.2.3", &without).unwrap_err().to_string();
        assert_eq!(error, "the checksum of `meshsynth-aarch64-apple-darwin.tar.gz` is missing");
        assert!(render("1.2.3", &text.replace("000", "0")).unwrap_err().to_string().contains("is not a SHA-256"));
        assert!(render("v1", &text).unwrap_err().to_string().contains("is not a version"));
    }
}
