//! ElastiCache does not offer this engine version, or only in paid extended support.
//!
//! # What it reports
//!
//! The rule checks cache clusters and replication groups. A version that ElastiCache does not offer is an error. These
//! versions are warnings:
//!
//! - a version of Valkey or Memcached that is newer than the version list of meshsynth
//! - Redis 4 and 5, which are in paid extended support
//!
//! # Why it matters
//!
//! ElastiCache rejects a version that it does not offer. Redis OSS ends with 7.1 on ElastiCache. Its successor is
//! Valkey, which supports the same clients. Redis 4 and 5 cost extra because their standard support has ended.
//!
//! # Fix
//!
//! Use Valkey, or Redis `7.1`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html>

use crate::facts::versions::elasticache::{self as versions, EXTENDED, OFFERED};
use crate::diag::Diagnostic;
use crate::facts::literals::numbers;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let types = ["AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"];
    for (id, group) in types.into_iter().flat_map(|type_name| model.of_type(type_name)) {
        let text = |name: &str| group.props.get(name).and_then(Data::as_str);
        let (Some(engine), Some(version)) = (text("Engine"), text("EngineVersion")) else { continue };
        let Some((_, offered)) = OFFERED.iter().find(|(known, _)| *known == engine) else { continue };
        let newest = offered.last().and_then(|it| numbers(it));
        let is_offered = offered.contains(&version);
        if !is_offered && engine != "redis" && numbers(version).is_some() && numbers(version) > newest {
            out.push(
                model
                    .warning(id, "MS0309", format!("this version of meshsynth does not recognize {engine} `{version}`"))
                    .help("check that ElastiCache offers this version, and update meshsynth"),
            );
        } else if !is_offered {
            out.push(
                model
                    .error(id, "MS0309", format!("ElastiCache does not offer {engine} `{version}`"))
                    .note(format!("supported versions are {}", offered.join(", ")))
                    .help(match engine {
                        "memcached" => format!("did you mean `{}`?", offered.last().unwrap_or(&version)),
                        _ => format!("use valkey `{}` or redis `{}`", versions::VALKEY, versions::REDIS),
                    }),
            );
        }
        let major = version.split('.').next().unwrap_or_default();
        if let Some((.., since)) = EXTENDED.iter().find(|(of, number, _)| *of == engine && *number == major) {
            out.push(
                model
                    .warning(id, "MS0309", format!("{engine} {major} is in paid extended support since {since}"))
                    .help(format!("use valkey `{}`, which is compatible with Redis OSS clients", versions::VALKEY)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cfn::elasticache::ReplicationGroup;
    use crate::testing::{codes, stack, try_synth};
    use crate::{App, OnDelete};

    fn cache(app: &App, engine: &str, version: &str) {
        let group = ReplicationGroup::new("a cache").engine(engine).engine_version(version).num_cache_clusters(1);
        group.define(&stack(app, "data"), "cache").on_delete(OnDelete::Delete);
    }

    #[test]
    fn reports_a_version_that_is_not_offered() {
        for (engine, version) in [("redis", "7.2"), ("redis", "8.0"), ("valkey", "7.1"), ("valkey", "eight")] {
            assert_eq!(codes(|app| cache(app, engine, version)), ["MS0309"], "{engine} {version}");
            assert!(try_synth("app", |app| cache(app, engine, version)).is_err(), "{engine} {version}");
        }
    }

    #[test]
    fn warns_about_a_newer_valkey_and_an_old_redis() {
        for (engine, version) in [("valkey", "10.0"), ("redis", "5.0.6")] {
            assert_eq!(codes(|app| cache(app, engine, version)), ["MS0309"], "{engine} {version}");
            assert!(try_synth("app", |app| cache(app, engine, version)).is_ok(), "{engine} {version}");
        }
    }

    #[test]
    fn checks_clusters_of_memcached() {
        use crate::cfn::elasticache::CacheCluster;

        let found = |version: &str| {
            codes(|app| {
                let cluster = CacheCluster::new("cache.t4g.small", "memcached", 1).engine_version(version);
                cluster.define(&stack(app, "data"), "cache").on_delete(OnDelete::Delete);
            })
        };
        for version in ["1.6.7", "1.7.0", "latest"] {
            assert_eq!(found(version), ["MS0309"], "{version}");
        }
        assert_eq!(found("1.6.22"), [""; 0]);
    }

    #[test]
    fn accepts_current_versions() {
        assert_eq!(codes(|app| cache(app, "valkey", "8.2")), [""; 0]);
        assert_eq!(codes(|app| cache(app, "redis", "7.1")), [""; 0]);
    }
}
