//! The tables of requirements, and of relations between systems.

use super::{Form, Key, Table};

/// A key with the app of a rule.
const APP: Key = Key {
    name: "app",
    form: Form::Text,
    default: "all apps",
    text: "The app of the rule, such as `shop`, or the app in one environment, such as `shop-production`.",
    example: "app = \"shop\"",
};

/// `[[reach]]`.
pub const REACH: Table = Table {
    path: "reach",
    is_list: true,
    text: "A requirement about connections or permissions. `synth`, `diff` and `reach --check` evaluate it.",
    link: "[reach](reach.md#requirements)",
    keys: &[
        Key {
            name: "never",
            form: Form::OneOrMore,
            default: "",
            text: "Sources that must not reach the target: `internet`, a CIDR block, an ARN, or a name of the platform.",
            example: "never = \"internet\"",
        },
        Key {
            name: "only",
            form: Form::OneOrMore,
            default: "",
            text: "The only sources that may reach the target.",
            example: "only = [\"orders\", \"reports\"]",
        },
        Key {
            name: "always",
            form: Form::OneOrMore,
            default: "",
            text: "Sources that must reach the target.",
            example: "always = \"orders\"",
        },
        Key {
            name: "to",
            form: Form::Text,
            default: "",
            text: "The target, optionally with a port.",
            example: "to = \"orders-db\"",
        },
        Key {
            name: "action",
            form: Form::Text,
            default: "the usual actions of the target",
            text: "The action of an AWS resource, instead of a connection.",
            example: "action = \"s3:GetObject\"",
        },
        APP,
    ],
    required: &[&["never", "only", "always"], &["to"]],
};

/// `[[lose]]`.
pub const LOSE: Table = Table {
    path: "lose",
    is_list: true,
    text: "A requirement about a failure. `lose --check` simulates the loss of all named parts.",
    link: "[lose](lose.md#requirements)",
    keys: &[
        Key {
            name: "zone",
            form: Form::OneOrMore,
            default: "",
            text: "The lost zones. `any` evaluates each zone in turn.",
            example: "zone = \"any\"",
        },
        Key {
            name: "region",
            form: Form::OneOrMore,
            default: "",
            text: "The lost regions. `any` evaluates each region in turn.",
            example: "region = \"eu-west-1\"",
        },
        Key {
            name: "cluster",
            form: Form::OneOrMore,
            default: "",
            text: "The lost Kubernetes clusters.",
            example: "cluster = \"cluster-eks\"",
        },
        Key {
            name: "node-group",
            form: Form::OneOrMore,
            default: "",
            text: "The lost node groups.",
            example: "node-group = \"nodes\"",
        },
        Key {
            name: "workload",
            form: Form::OneOrMore,
            default: "",
            text: "The lost workloads.",
            example: "workload = [\"orders\", \"payments\"]",
        },
        Key {
            name: "store",
            form: Form::OneOrMore,
            default: "",
            text: "The lost data stores.",
            example: "store = \"orders-db\"",
        },
        Key {
            name: "keep",
            form: Form::OneOrMore,
            default: "",
            text: "The required survivors: kinds such as `entries` or `stores`, and names.",
            example: "keep = [\"entries\", \"orders-db\"]",
        },
        Key {
            name: "unknown",
            form: Form::Word(&["pass", "fail"]),
            default: "`fail`",
            text: "Whether an unknown result satisfies the requirement.",
            example: "unknown = \"pass\"",
        },
        APP,
    ],
    required: &[&["zone", "region", "cluster", "node-group", "workload", "store"], &["keep"]],
};

/// `[[join]]`.
pub const JOIN: Table = Table {
    path: "join",
    is_list: true,
    text: "A value that one system passes to another, for `diff` of folders. The file of `--map` has the same table.",
    link: "[where two systems meet](guides/diff-without-a-program.md#where-two-systems-meet)",
    keys: &[
        Key {
            name: "text",
            form: Form::Text,
            default: "",
            text: "A text in manifests that receives the value: a placeholder, or the value itself.",
            example: "text = \"${DB_HOST}\"",
        },
        Key {
            name: "parameter",
            form: Form::Text,
            default: "",
            text: "The template parameter that receives the value, in the form `STACK.PARAMETER`.",
            example: "parameter = \"web.QueueUrl\"",
        },
        Key {
            name: "output",
            form: Form::Text,
            default: "",
            text: "The source of the value: a stack, and the name of its output or export.",
            example: "output = \"orders-production.TableName\"",
        },
    ],
    required: &[&["text", "parameter"], &["output"]],
};

/// `[[stack]]`.
pub const STACK: Table = Table {
    path: "stack",
    is_list: true,
    text: "The stack that a template is deployed as, for `diff` of folders. The file of `--map` has the same table.",
    link: "[compare without a program](guides/diff-without-a-program.md)",
    keys: &[
        Key {
            name: "template",
            form: Form::Text,
            default: "",
            text: "The end of the template's path, or its file name without the suffix.",
            example: "template = \"network/template.yaml\"",
        },
        Key {
            name: "name",
            form: Form::Text,
            default: "",
            text: "The name of the stack.",
            example: "name = \"prod-network\"",
        },
        Key {
            name: "region",
            form: Form::Text,
            default: "the region of the cloud assembly, `--region`, or the environment",
            text: "The region of the stack.",
            example: "region = \"eu-west-1\"",
        },
        Key {
            name: "account",
            form: Form::Text,
            default: "the account of the cloud assembly, or the credentials",
            text: "The account of the stack.",
            example: "account = \"111122223333\"",
        },
    ],
    required: &[&["template"], &["name"]],
};
