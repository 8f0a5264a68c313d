//! The tables of apps, deployments, comparisons and policy files.

use super::{Form, Key, Table};

/// The top level.
pub const TOP: Table = Table {
    path: "",
    is_list: false,
    text: "Keys above the first table.",
    link: "",
    keys: &[Key {
        name: "output",
        form: Form::Text,
        default: "`synth.out`",
        text: "The output folder, relative to this file.",
        example: "output = \"synth.out\"",
    }],
    required: &[],
};

/// `[apps.<app>]`.
pub const APP: Table = Table {
    path: "apps.<app>",
    is_list: false,
    text: "An app: a platform, and the program that defines it. App and environment names consist of lower-case letters, \
           digits and `-`.",
    link: "[getting started](getting-started.md)",
    keys: &[
        Key {
            name: "run",
            form: Form::Texts,
            default: "",
            text: "The command that runs the program, in the folder of this file.",
            example: "run = [\"cargo\", \"run\", \"--quiet\", \"--bin\", \"shop\"]",
        },
        Key {
            name: "environments",
            form: Form::Texts,
            default: "a single deployment",
            text: "The environments. The program runs once for each of them, and the output is named \
                   `<app>-<environment>`.",
            example: "environments = [\"staging\", \"production\"]",
        },
    ],
    required: &[&["run"]],
};

/// `[deploy.<app>-<environment>]`.
pub const DEPLOY: Table = Table {
    path: "deploy.<app>-<environment>",
    is_list: false,
    text: "The deployment of an app in one environment. For an app without environments, the table is `[deploy.<app>]`.",
    link: "[deploy](deploy.md#accounts-roles-buckets)",
    keys: &[
        Key {
            name: "role",
            form: Form::Text,
            default: "the current credentials",
            text: "The IAM role to assume. `{account}` is replaced by the account of each stack.",
            example: "role = \"arn:aws:iam::{account}:role/deployer\"",
        },
        Key {
            name: "external_id",
            form: Form::Text,
            default: "no external ID",
            text: "The external ID that the trust policy of `role` requires.",
            example: "external_id = \"shop-7f3a\"",
        },
        Key {
            name: "service_role",
            form: Form::Text,
            default: "the permissions of the caller",
            text: "The service role that CloudFormation uses.",
            example: "service_role = \"arn:aws:iam::111122223333:role/cloudformation\"",
        },
        Key {
            name: "bucket",
            form: Form::Text,
            default: "the bucket of `bootstrap`",
            text: "The bucket for templates that are too large for a request.",
            example: "bucket = \"shop-templates\"",
        },
        Key {
            name: "stack_policy",
            form: Form::Text,
            default: "no stack policy",
            text: "A file with the stack policy of all stacks, relative to this file.",
            example: "stack_policy = \"stack-policy.json\"",
        },
        Key {
            name: "protect",
            form: Form::Boolean,
            default: "only stacks with stateful resources",
            text: "Whether stacks have termination protection.",
            example: "protect = true",
        },
        Key {
            name: "regions",
            form: Form::Texts,
            default: "the regions with the fewest workloads and stacks first",
            text: "The order of regions for `deploy --by-region`. Other regions come last.",
            example: "regions = [\"eu-west-1\", \"eu-central-1\"]",
        },
        Key {
            name: "deny",
            form: Form::Gates,
            default: "the gates of `[diff]`",
            text: "The gates that stop a deployment, instead of the gates of `[diff]`.",
            example: "deny = [\"data-loss\", \"interruption\"]",
        },
        Key {
            name: "mass-delete",
            form: Form::Share,
            default: "the gates of `[diff]`",
            text: "The gate for the maximum number or share of deletions, which is added to `deny`.",
            example: "mass-delete = \"5%\"",
        },
        Key {
            name: "regions-at-once",
            form: Form::Count,
            default: "the gates of `[diff]`",
            text: "The gate for the maximum number of changed regions, which is added to `deny`.",
            example: "regions-at-once = 1",
        },
    ],
    required: &[],
};

/// `[diff]`.
pub const DIFF: Table = Table {
    path: "diff",
    is_list: false,
    text: "The gates of `diff`, in addition to `--deny`. They also apply to deployments without gates in `[deploy]`.",
    link: "[gates](diff.md#gates)",
    keys: &[
        Key {
            name: "deny",
            form: Form::Gates,
            default: "no gates",
            text: "The gates. The code of a rule is a gate for new violations.",
            example: "deny = [\"data-loss\", \"public\", \"MS0701\"]",
        },
        Key {
            name: "mass-delete",
            form: Form::Share,
            default: "no limit",
            text: "The gate for the maximum number or share of deletions.",
            example: "mass-delete = 20",
        },
        Key {
            name: "regions-at-once",
            form: Form::Count,
            default: "no limit",
            text: "The gate for the maximum number of changed regions.",
            example: "regions-at-once = 1",
        },
    ],
    required: &[],
};

/// `[policy]`.
pub const POLICY: Table = Table {
    path: "policy",
    is_list: false,
    text: "Policies that are written in other languages than Rust. `synth`, `check` and `diff` evaluate them.",
    link: "[bring your policies](guides/bring-your-policies.md)",
    keys: &[Key {
        name: "files",
        form: Form::Texts,
        default: "no policy files",
        text: "Files or patterns, relative to this file. `*` matches a part of a name, and `**` matches any folders.",
        example: "files = [\"policies/**/*.yaml\"]",
    }],
    required: &[],
};
