//! Delivery: from a commit to an approved image.

pub mod codebuild;
pub mod codepipeline;
mod template;
