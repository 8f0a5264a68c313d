//! The code of a function: an image in a repository, or an archive in a bucket.

use crate::aws::policy::own_arn;
use crate::cfn::lambda;
use crate::cfn::lambda::function as shape;
use crate::ecr;
use crate::s3;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// The processor architecture of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton, which costs 20 % less.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Architecture {
    pub(super) fn to_l1(self) -> shape::Architectures {
        match self {
            Architecture::Arm64 => shape::Architectures::Arm64,
            Architecture::X86_64 => shape::Architectures::X86_64,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86_64",
        }
    }
}

/// The code of a function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-package.html>
#[derive(Clone)]
pub enum Code {
    /// A container image.
    Image {
        /// The repository, in the region of the function.
        repository: ecr::Repository,
        /// The tag of the image.
        tag: String,
        /// The command that replaces the image's command. Empty: the image's command.
        command: Vec<String>,
    },
    /// An archive in a bucket.
    Zip {
        /// The bucket, in the region of the function.
        bucket: s3::Bucket,
        /// The key of the archive. Use a new key for each archive, otherwise Lambda does not deploy it.
        key: Val<String>,
        /// The version of the object. Default: the newest version when the function is updated.
        version: Option<Val<String>>,
        /// The runtime, such as `python3.14`.
        runtime: String,
        /// The handler, such as `app.handler`.
        handler: String,
    },
}

impl Code {
    /// Refers to a container image by its tag.
    pub fn image(repository: &ecr::Repository, tag: &str) -> Self {
        Code::Image { repository: repository.clone(), tag: tag.to_owned(), command: Vec::new() }
    }

    /// Refers to an archive by its key, such as `Code::zip(&artifacts, "mailer-1.4.0.zip", "python3.14",
    /// "app.handler")`.
    pub fn zip(bucket: &s3::Bucket, key: &str, runtime: &str, handler: &str) -> Self {
        Code::Zip {
            bucket: bucket.clone(),
            key: key.into(),
            version: None,
            runtime: runtime.to_owned(),
            handler: handler.to_owned(),
        }
    }

    /// Creates the resource of the function with its code.
    pub(super) fn begin(&self, scope: &Scope, role: Val<String>) -> lambda::Function {
        match self {
            Code::Image { repository, tag, command } => {
                repository.allow_functions_to_pull(own_arn(scope, "lambda", "function:*"));
                let code = shape::Code::new().image_uri(repository.image(tag));
                let function = lambda::Function::new(code, role).package_type(shape::PackageType::Image);
                match command.is_empty() {
                    true => function,
                    false => function.image_config(shape::ImageConfig::new().command(command)),
                }
            }
            Code::Zip { bucket, key, version, runtime, handler } => {
                let code = shape::Code::new().raw("S3Bucket", bucket.name()).s3_key(key.clone());
                let code = match version {
                    Some(version) => code.s3_object_version(version.clone()),
                    None => code,
                };
                lambda::Function::new(code, role)
                    .package_type(shape::PackageType::Zip)
                    .raw("Runtime", runtime.as_str())
                    .handler(handler)
            }
        }
    }

    /// Returns the construct that stores the code.
    pub(super) fn owner(&self) -> &Scope {
        match self {
            Code::Image { repository, .. } => repository.scope(),
            Code::Zip { bucket, .. } => bucket.scope(),
        }
    }

    /// Returns the label of the code in diagrams.
    pub(super) fn word(&self) -> &str {
        match self {
            Code::Image { .. } => "image",
            Code::Zip { runtime, .. } => runtime,
        }
    }
}
