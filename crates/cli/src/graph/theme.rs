//! Colors, strokes and icons for light and dark themes.

/// Returns the family of a kind, which determines the color.
pub fn family(kind: &str) -> &'static str {
    match kind {
        "workload" | "function" | "state-machine" | "model" => "run",
        "database" | "kafka" | "cache" | "table" | "bucket" | "queue" | "topic" | "search" | "broker" | "files" => {
            "store"
        }
        "entry" | "gateway" | "host" | "entry path" => "door",
        "parameter" | "secret" | "key" | "role" | "identity" | "user-pool" => "trust",
        _ => "other",
    }
}

/// Returns the path data of an icon on a grid of 16 by 16.
pub fn icon(kind: &str) -> &'static str {
    match kind {
        "workload" => "M8 1.5 14 5v6.5L8 15 2 11.5V5ZM2 5l6 3.5L14 5M8 8.5V15",
        "database" | "table" => {
            "M2.5 4a5.5 2.2 0 1 0 11 0a5.5 2.2 0 1 0-11 0v8a5.5 2.2 0 0 0 11 0V4M2.5 8a5.5 2.2 0 0 0 11 0"
        }
        "kafka" | "queue" => {
            "M1.5 4h9M1.5 8h9M1.5 12h9M12 2.5 14.5 4 12 5.5M12 6.5 14.5 8 12 9.5M12 10.5 14.5 12 12 13.5"
        }
        "cache" => "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8Z",
        "broker" => "M1.5 8h4M10.5 8h4M8 1.5v4M8 10.5v4M5.5 5.5h5v5h-5Z",
        "bucket" => "M2 3.5h12L12.5 14h-9ZM2.5 7h11",
        "bus" => "M1.5 8h13M4 8V3.5M8 8v4.5M12 8V3.5M4 2.5v1M8 12.5v1M12 2.5v1",
        "files" => "M2 3.5h4.5L8 5.5h6v8H2ZM2 8h12",
        "function" => "M3 2.5h3.5l6 11H14M7.5 7 3.5 13.5",
        "model" => "M8 1.5 9.5 6 14.5 8 9.5 10 8 14.5 6.5 10 1.5 8 6.5 6Z",
        "rule" => "M2 2.5h12L9.5 8.5v5l-3-1.5V8.5Z",
        "schedule" => "M8 1.5a6.5 6.5 0 1 0 .01 0M8 4.5V8l2.5 2",
        "search" => "M6.5 2a4.5 4.5 0 1 0 .01 0M10 10l4 4",
        "stack" => "M2 5.5h8.5V14H2ZM5.5 5.5V2H14v8.5h-3.5",
        "state-machine" => "M1.5 6.5h4v4h-4ZM10.5 2h4v4h-4ZM10.5 10h4v4h-4ZM5.5 8.5H8V4h2.5M8 8.5V12h2.5",
        "topic" => "M2 6.5v3l8 3.5V3ZM12 6a3 3 0 0 1 0 4M4 10.5 5 14",
        "user-pool" => {
            "M6 2.5a2.5 2.5 0 1 0 .01 0M1.5 13.5a4.5 4.5 0 0 1 9 0ZM11 3a2.5 2.5 0 0 1 0 4.7M12.5 9.5a4.5 4.5 0 0 1 2 4"
        }
        "host" => "M4.5 12.5a3 3 0 0 1-.4-6 4 4 0 0 1 7.6-.7 3.4 3.4 0 0 1 .1 6.7Z",
        "gateway" => "M2 14.5V3.5L8 1.5l6 2v11M5 14.5V7h6v7.5M5 10.5h6",
        "entry" | "entry path" => "M8 1.5a6.5 6.5 0 1 0 .01 0M1.5 8h13M8 1.5c-4 4-4 9 0 13M8 1.5c4 4 4 9 0 13",
        "parameter" => "M2 4.5h6M11.5 4.5H14M8 2.7h3.5v3.6H8ZM2 11.5h2.5M8 11.5h6M4.5 9.7H8v3.6H4.5Z",
        "secret" => "M3 7h10v7.5H3ZM5 7V4.5a3 3 0 0 1 6 0V7M8 10v2",
        "key" | "role" | "identity" => "M5 8a3 3 0 1 0 .01 0M7.2 9 14 2.5M11 5.5l2 2M12.7 3.7l1.6 1.6",
        "repository" => "M8 1.5 15 5 8 8.5 1 5ZM1.5 8.2 8 11.5l6.5-3.3M1.5 11.2 8 14.5l6.5-3.3",
        "release" => {
            "M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4M8 5a3 3 0 1 0 .01 0"
        }
        _ => "M2.5 2.5h11v11h-11Z",
    }
}

/// The style sheet. A later rule overrides an earlier one, so the dark theme comes last.
pub const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:#1f2328}\
.page{fill:#ffffff}\
.heading{font-size:20px;font-weight:600}\
.name{font-size:13px;font-weight:600}\
.small{font-size:11px}\
.detail,.summary{fill:#59636e}\
.summary{font-size:13px}\
.kind{font-size:10px;fill:#59636e;letter-spacing:.06em}\
.frame>rect{fill:none;stroke:#8c959f;stroke-width:1}\
.frame.region>rect{fill:#fafbfc;stroke-dasharray:6 4}\
.frame.vpc>rect{fill:#f3f6f4;stroke:#5b8a6b}\
.frame.cluster>rect{fill:#eef4fb;stroke:#5a86b8}\
.frame.namespace>rect{fill:#f8fbff;stroke:#5a86b8;stroke-dasharray:4 3}\
.frame.tier>rect{fill:#eaf3ec;stroke:#5b8a6b;stroke-dasharray:4 3}\
.box>rect{fill:#ffffff;stroke:#6e7781;stroke-width:1.25}\
.icon{fill:none;stroke:#59636e;stroke-width:1.2;stroke-linejoin:round;stroke-linecap:round}\
.run>rect{stroke:#0b5cad}.run>.icon,.icon.run{stroke:#0b5cad}\
.store>rect{stroke:#116329}.store>.icon,.icon.store{stroke:#116329}\
.door>rect{stroke:#9a3b00}.door>.icon,.icon.door{stroke:#9a3b00}\
.trust>rect{stroke:#6639ba}.trust>.icon,.icon.trust{stroke:#6639ba}\
.rule{stroke:#d0d7de;stroke-width:1}\
.line{fill:none;stroke-width:1.5}\
.line.call,.tip.call{stroke:#0b5cad}.tip.call{fill:#0b5cad}\
.line.data{stroke-width:2}.line.data,.tip.data{stroke:#116329}.tip.data{fill:#ffffff}\
.line.entry{stroke-width:2.5}.line.entry,.tip.entry{stroke:#9a3b00}.tip.entry{fill:#9a3b00}\
.line.replication{stroke-width:2;stroke-dasharray:8 5}.line.replication,.tip.replication{stroke:#116329}.tip.replication{fill:#116329}\
.line.order{stroke-width:1.5;stroke-dasharray:2 4}.line.order,.tip.order{stroke:#57606a}.tip.order{fill:#57606a}\
.line.grant{stroke-width:1.2;stroke-dasharray:2 4}.line.grant,.tip.grant{stroke:#6639ba}.tip.grant{fill:none}\
.tip{stroke-width:1.2;stroke-linejoin:round}\
@media (prefers-color-scheme:dark){\
text{fill:#e6edf3}\
.page{fill:#0d1117}\
.detail,.summary,.kind{fill:#a5aeb8}\
.frame>rect{stroke:#6e7681}\
.frame.region>rect{fill:#11161d}\
.frame.vpc>rect{fill:#121b17;stroke:#4d8060}\
.frame.cluster>rect{fill:#121b28;stroke:#4a77a8}\
.frame.namespace>rect{fill:#0f1620;stroke:#4a77a8}\
.frame.tier>rect{fill:#13211a;stroke:#4d8060}\
.box>rect{fill:#161b22;stroke:#8b949e}\
.icon{stroke:#a5aeb8}\
.run>rect,.run>.icon,.icon.run{stroke:#6cb6ff}\
.store>rect,.store>.icon,.icon.store{stroke:#57c46a}\
.door>rect,.door>.icon,.icon.door{stroke:#ffa657}\
.trust>rect,.trust>.icon,.icon.trust{stroke:#c297ff}\
.rule{stroke:#30363d}\
.line.call,.tip.call{stroke:#6cb6ff}.tip.call{fill:#6cb6ff}\
.line.data,.tip.data{stroke:#57c46a}.tip.data{fill:#0d1117}\
.line.entry,.tip.entry{stroke:#ffa657}.tip.entry{fill:#ffa657}\
.line.replication,.tip.replication{stroke:#57c46a}.tip.replication{fill:#57c46a}\
.line.order,.tip.order{stroke:#8b949e}.tip.order{fill:#8b949e}\
.line.grant,.tip.grant{stroke:#c297ff}\
}";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::icon;

    /// Collects the kinds that the sources of constructs contain.
    fn kinds(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                kinds(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let starts = ["DiagramNode::new(\"", "DiagramNode::quiet(\"", "vpc, \""];
            for start in starts.into_iter().filter(|start| start.starts_with('D') || text.contains("data::diagram(")) {
                let behind = text.split(start).skip(1).filter_map(|rest| rest.split('"').next());
                // The text after `network` may also be the description of a security group. A kind is a single word.
                found.extend(behind.filter(|it| !it.contains(' ')).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_kind_of_construct_has_an_icon() {
        let mut found = BTreeSet::new();
        kinds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/aws"), &mut found);
        kinds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/mesh"), &mut found);
        assert!(found.contains("search") && found.contains("schedule") && found.contains("workload"), "{found:?}");
        let lacking: Vec<_> = found.iter().filter(|kind| icon(kind) == icon("no such kind")).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }
}
