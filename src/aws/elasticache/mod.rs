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

/// The engine of a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Valkey, the open-source fork of Redis.
    #[default]
    Valkey,
    /// Redis OSS. ElastiCache supports versions up to 7.1.
    Redis,
}

impl Engine {
    /// Returns the engine name in the ElastiCache API.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Valkey => "valkey",
            Engine::Redis => "redis",
        }
    }

    /// Returns the display name of the engine.
    fn name(self) -> &'static str {
        match self {
            Engine::Valkey => "Valkey",
            Engine::Redis => "Redis",
        }
    }
}

/// The default port of a cache.
const PORT: u16 = 6379;
