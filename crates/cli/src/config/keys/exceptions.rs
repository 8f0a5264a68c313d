//! The tables of exceptions and severities.

use super::{Form, Key, Table};

/// A key with the subject of an exception.
const WHAT: Key = Key {
    name: "what",
    form: Form::Text,
    default: "",
    text: "The subject: a construct path or a name. `*` matches any text.",
    example: "what = \"data/*\"",
};

const REASON: Key = Key {
    name: "reason",
    form: Form::Text,
    default: "",
    text: "The reason, which reports contain.",
    example: "reason = \"moved by hand, see the runbook\"",
};

const UNTIL: Key = Key {
    name: "until",
    form: Form::Date,
    default: "",
    text: "The last day. An expired exception fails a deployment.",
    example: "until = \"2026-12-31\"",
};

/// `[[allow]]`.
pub const ALLOW: Table = Table {
    path: "allow",
    is_list: true,
    text: "An exception for the whole project. It expires after the day in `until`.",
    link: "[exceptions](diff.md#gates)",
    keys: &[
        Key {
            name: "code",
            form: Form::Text,
            default: "",
            text: "A gate (`data-loss`), the code of a rule (`MS0802`, `ACME001`), or the code of another tool \
                   (`CKV_AWS_18`).",
            example: "code = \"data-loss\"",
        },
        WHAT,
        REASON,
        UNTIL,
        Key {
            name: "who",
            form: Form::Text,
            default: "",
            text: "The owner of the exception.",
            example: "who = \"platform team\"",
        },
    ],
    required: &[&["code"], &["what"], &["reason"], &["until"], &["who"]],
};

/// `[[diff.allow]]`.
pub const DIFF_ALLOW: Table = Table {
    path: "diff.allow",
    is_list: true,
    text: "An exception for a gate. It has the same effect as `[[allow]]` with the gate as `code`, but `who` is optional.",
    link: "[exceptions](diff.md#gates)",
    keys: &[
        Key { name: "gate", form: Form::Gate, default: "", text: "The gate.", example: "gate = \"data-loss\"" },
        WHAT,
        REASON,
        UNTIL,
        Key {
            name: "who",
            form: Form::Text,
            default: "no owner",
            text: "The owner of the exception.",
            example: "who = \"platform team\"",
        },
    ],
    required: &[&["gate"], &["what"], &["reason"], &["until"]],
};

/// `[check]`.
pub const CHECK: Table = Table {
    path: "check",
    is_list: false,
    text: "Settings of `check` for manifests and templates. A project with this table needs no app.",
    link: "[suppressing findings](check.md#suppressing-findings)",
    keys: &[],
    required: &[],
};

/// `[check.severity]`.
pub const CHECK_SEVERITY: Table = Table {
    path: "check.severity",
    is_list: false,
    text: "Severities of rules in `check`. They override `[severity]`.",
    link: "",
    keys: &[Key {
        name: "<code>",
        form: Form::Severity,
        default: "`[severity]`, otherwise the severity of the rule",
        text: "The severity of the rule with this code.",
        example: "MS0412 = \"note\"",
    }],
    required: &[],
};

/// `[check.namespaces]`.
pub const CHECK_NAMESPACES: Table = Table {
    path: "check.namespaces",
    is_list: false,
    text: "Namespaces of objects that specify none.",
    link: "",
    keys: &[Key {
        name: "<folder>",
        form: Form::Text,
        default: "`default`",
        text: "The namespace of the objects in the files of this folder.",
        example: "\"k8s/shop\" = \"shop\"",
    }],
    required: &[],
};

/// `[[check.allow]]`.
pub const CHECK_ALLOW: Table = Table {
    path: "check.allow",
    is_list: true,
    text: "An exception for findings that only `check` reports.",
    link: "",
    keys: &[
        Key {
            name: "code",
            form: Form::Text,
            default: "",
            text: "The code of a rule of meshsynth.",
            example: "code = \"MS0802\"",
        },
        Key {
            name: "what",
            form: Form::Text,
            default: "",
            text: "The name of the reported object or resource, or the path of its file. `*` matches any text.",
            example: "what = \"shop/*\"",
        },
        REASON,
        UNTIL,
        Key {
            name: "who",
            form: Form::Text,
            default: "no owner",
            text: "The owner of the exception.",
            example: "who = \"platform team\"",
        },
    ],
    required: &[&["code"], &["what"], &["reason"], &["until"]],
};

/// `[severity]`.
pub const SEVERITY: Table = Table {
    path: "severity",
    is_list: false,
    text: "Severities of rules in all environments. They override the severities that the program sets.",
    link: "[severity](guides/write-a-rule.md#severity)",
    keys: &[Key {
        name: "<code>",
        form: Form::Severity,
        default: "the severity of the rule",
        text: "The severity of the rule with this code. Rules whose findings make the output invalid remain errors.",
        example: "MS0421 = \"warning\"",
    }],
    required: &[],
};

/// `[severity.<environment>]`.
pub const SEVERITY_OF_ENVIRONMENT: Table = Table {
    path: "severity.<environment>",
    is_list: false,
    text: "Severities of rules in one environment. They override `[severity]`.",
    link: "",
    keys: &[Key {
        name: "<code>",
        form: Form::Severity,
        default: "`[severity]`",
        text: "The severity of the rule with this code.",
        example: "MS0421 = \"error\"",
    }],
    required: &[],
};
