//! Recognizes fragments of the Serverless Framework, which adds resources and the sections of a template.
//!
//! Source: <https://www.serverless.com/framework/docs/providers/aws/guide/resources>

use std::path::Path;

use super::source::Source;
use crate::yaml::Marked;

/// The variables of the framework, which CloudFormation rejects in `Fn::Sub`.
const VARIABLES: [&str; 5] = ["${self:", "${opt:", "${sls:", "${file(", "${env:"];

/// The configuration files of a service.
const CONFIGURATIONS: [&str; 5] =
    ["serverless.yml", "serverless.yaml", "serverless.json", "serverless.js", "serverless.ts"];

/// The maximum number of folders above a fragment that are searched for a configuration.
const MAX_DEPTH: usize = 5;

/// Whether a document with resources is only a part of a template: it uses variables of the framework, or it has no
/// format version and is below the folder of a service.
pub fn is_fragment(source: &Source, document: &Marked) -> bool {
    if source.stack.is_some() || document.get("Transform").is_some() {
        return false;
    }
    let is_below_service = || {
        let folders = Path::new(&source.name).ancestors().skip(1).take(MAX_DEPTH);
        folders.into_iter().any(|folder| CONFIGURATIONS.iter().any(|name| folder.join(name).is_file()))
    };
    VARIABLES.iter().any(|it| source.text.contains(it))
        || document.get("AWSTemplateFormatVersion").is_none() && is_below_service()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::is_fragment;
    use crate::sources::Source;
    use crate::temporary::Temporary;
    use crate::yaml;

    #[test]
    fn recognizes_fragments_by_variables_and_by_configuration() {
        let folder = Temporary::new().unwrap();
        fs::create_dir_all(folder.0.join("service/resources")).unwrap();
        fs::write(folder.0.join("service/serverless.yml"), "service: orders\n").unwrap();
        let is_fragment = |path: &str, text: &str| {
            let source = Source::new(folder.0.join(path).display().to_string(), text.as_bytes().to_vec());
            is_fragment(&source, &yaml::read(text).unwrap()[0])
        };
        let plain = "Resources: { Topic: { Type: AWS::SNS::Topic } }\n";
        let named = "Resources: { Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: '${self:service}' } } }\n";
        assert!(is_fragment("service/resources/topic.yml", plain));
        assert!(is_fragment("other/topic.yml", named));
        assert!(!is_fragment("other/topic.yml", plain));
        let whole = format!("AWSTemplateFormatVersion: '2010-09-09'\n{plain}");
        assert!(!is_fragment("service/resources/topic.yml", &whole));
    }
}
