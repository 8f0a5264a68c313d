//! A typical daily change of a platform: one service in a hundred gets another image and another database class.

use std::path::Path;
use std::{fs, io};

/// Changes an assembly in place, and returns the number of changed services.
pub fn change(out: &Path, n_services: usize) -> io::Result<usize> {
    let changed: Vec<usize> = (0..n_services).step_by(100).collect();
    let mut folders = vec![out.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if changed.iter().any(|idx| name == format!("deployment-service-{idx}.yaml")) {
                let text = fs::read_to_string(&path)?;
                fs::write(&path, text.replace(":1.0.0", ":1.0.1"))?;
            } else if name.starts_with("data-") && name.ends_with(".template.json") {
                let text = fs::read_to_string(&path)?;
                let new = changed.iter().fold(text.clone(), |text, idx| grown(text, *idx));
                if new != text {
                    fs::write(&path, new)?;
                }
            }
        }
    }
    Ok(changed.len())
}

/// Returns the template with another instance class for the database of a service.
fn grown(mut text: String, idx: usize) -> String {
    let key = "\"DBInstanceClass\": \"";
    let Some(start) = text.find(&format!("\"DBInstanceIdentifier\": \"bench-data-{}-service-{idx}-db\"", idx / 15))
    else {
        return text;
    };
    let Some(at) = text[..start].rfind(key) else { return text };
    let value = at + key.len();
    let end = value + text[value..].find('"').unwrap_or_default();
    text.replace_range(value..end, "db.r8g.large");
    text
}
