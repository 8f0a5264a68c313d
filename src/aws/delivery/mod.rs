//! Delivery: from a commit to an image that somebody has approved.

pub mod codebuild;
pub mod codepipeline;
mod template;
