//! Values that `aws cloudformation package` and `sam deploy` substitute: a local path becomes an S3 object or an image
//! in the deployed template. The content is not visible in either template.

use serde_json::Value;

use super::nested::is_file;

/// Replaces local paths by the uploaded locations, and returns a note about them.
pub fn take(stack: &str, old: &Value, new: &mut Value) -> Option<String> {
    let mut told = Vec::new();
    let resources = new.get_mut("Resources").and_then(Value::as_object_mut)?;
    for (id, body) in resources {
        let before = &old["Resources"][id]["Properties"];
        if let Some(properties) = body.get_mut("Properties") {
            replace(before, properties, id, &mut told);
        }
    }
    (!told.is_empty()).then(|| {
        format!(
            "stack `{stack}`: the content of {} is not compared: the folder has a local path, but the stack has the \
             uploaded location",
            told.join(", ")
        )
    })
}

fn replace(old: &Value, new: &mut Value, path: &str, told: &mut Vec<String>) {
    match new {
        _ if is_file(new) && is_uploaded(old) => {
            *new = old.clone();
            told.push(format!("`{path}`"));
        }
        Value::Object(map) => {
            for (key, value) in map {
                replace(&old[key], value, &format!("{path}.{key}"), told);
            }
        }
        _ => {}
    }
}

/// Whether a value is the location of an upload.
fn is_uploaded(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let is_of_s3 = text.starts_with("s3://") || text.starts_with("https://s3") || text.contains(".s3.");
            is_of_s3 || text.contains(".dkr.ecr.")
        }
        Value::Object(map) => {
            let has = |keys: [&str; 2]| keys.iter().all(|key| map.contains_key(*key));
            has(["S3Bucket", "S3Key"]) || has(["Bucket", "Key"])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::take;

    #[test]
    fn replaces_paths_by_uploads_only() {
        let of = |properties: serde_json::Value| json!({ "Resources": { "F": { "Properties": properties } } });
        let old = of(
            json!({ "CodeUri": "s3://b/1", "Code": { "S3Bucket": "b", "S3Key": "k" }, "Handler": "a.b", "Url": "https://s3.a/x" }),
        );
        let mut new =
            of(json!({ "CodeUri": "src (12ab)", "Code": "./src", "Handler": "c.d", "Url": "https://s3.b/y" }));
        let told = take("shop", &old, &mut new).unwrap();
        assert!(told.contains("`F.Code`, `F.CodeUri`") && !told.contains("Handler"), "{told}");
        assert_eq!(new["Resources"]["F"]["Properties"]["CodeUri"], "s3://b/1");
        assert_eq!(new["Resources"]["F"]["Properties"]["Handler"], "c.d");
        assert_eq!(new["Resources"]["F"]["Properties"]["Url"], "https://s3.b/y");
    }
}
