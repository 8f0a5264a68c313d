//! Texts and severities of rule findings for templates.

use crate::World;
use crate::diag::{Diagnostic, Severity};

/// Whether the missing resource may be in another template.
fn is_elsewhere(code: &str) -> bool {
    matches!(code, "MS0604" | "MS0702" | "MS0704" | "MS1002")
}

/// Whether the template can be deployed with the finding.
fn is_lenient(code: &str) -> bool {
    matches!(code, "MS0112" | "MS0503")
}

/// Sets helps and severities for templates.
pub fn of_templates(found: &mut [Diagnostic], world: World) {
    for diagnostic in found {
        if let Some(help) = help(diagnostic.code) {
            diagnostic.help = Some(help.to_owned());
        }
        if world == World::Open {
            let mildest = match diagnostic.code {
                code if is_elsewhere(code) => Severity::Note,
                code if is_lenient(code) => Severity::Warning,
                _ => continue,
            };
            diagnostic.severity = diagnostic.severity.max(mildest);
        }
    }
}

/// Returns the help for templates, if the help of a rule refers to a program.
fn help(code: &str) -> Option<&'static str> {
    Some(match code {
        "MS0112" => {
            "store the secret in Secrets Manager, and use `{{resolve:secretsmanager:…}}` or a parameter with `NoEcho`; then replace the secret, because it was exposed"
        }
        "MS0118" => "select an item of the list with `Fn::Select`, or join the list with `Fn::Join`",
        "MS0310" => {
            "set `DeletionPolicy` and `UpdateReplacePolicy` to `Retain`, or to `Snapshot` if the type supports snapshots"
        }
        "MS0312" => {
            "set `MultiRegion: true` on the key, and define the replica in a stack of another region; an existing key cannot be converted"
        }
        "MS0313" => "use your own secret for `MasterUserPassword`",
        "MS0315" => "enable multi-VPC private connectivity with IAM for the source cluster",
        "MS0501" => "match the subject and the audience with `StringEquals`",
        "MS0502" => {
            "allow `pods.eks.amazonaws.com` to use `sts:AssumeRole` and `sts:TagSession` for this service account"
        }
        "MS0601" => "define it in a stack in `us-east-1`",
        "MS0608" => "set `ClientIPPreservationEnabled: false` for these endpoints",
        "MS0610" => "allow the CIDR block of the other network",
        "MS0701" => "add an SNS topic to `AlarmActions`",
        "MS0702" => "define it as `AWS::Logs::LogGroup` with this name and `RetentionInDays`",
        "MS0704" => "define an `AWS::Backup::BackupSelection` of the plan, with `Resources` or `ListOfTags`",
        "MS0706" => "use `AES256` for the bucket that receives the logs",
        "MS1002" => "connect the two networks with a peering or a transit gateway, and add routes on both sides",
        _ => return None,
    })
}
