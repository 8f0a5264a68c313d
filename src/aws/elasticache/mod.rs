//! Caches: Valkey and Redis on Amazon ElastiCache.

mod bare;
mod existing;
mod global;
mod replication_group;
mod serverless;
mod users;

pub use existing::ExistingCache;
pub use global::{FollowerProps, GlobalDatastore};
pub use replication_group::{ReplicationGroup, ReplicationGroupProps};
pub use serverless::{Serverless, ServerlessProps};
pub use users::Access;

/// What a cache runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Valkey, the open continuation of Redis.
    #[default]
    Valkey,
    /// Redis OSS, which ends with 7.1.
    Redis,
}

impl Engine {
    /// Returns the engine in the terms of ElastiCache.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Valkey => "valkey",
            Engine::Redis => "redis",
        }
    }

    /// Returns the engine as people write it.
    fn name(self) -> &'static str {
        match self {
            Engine::Valkey => "Valkey",
            Engine::Redis => "Redis",
        }
    }
}

/// The port of a cache.
const PORT: u16 = 6379;
