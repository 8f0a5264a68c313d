//! Faults at a single call of a run, to AWS or to a cluster, and the clusters behind the simulated AWS.

use std::rc::Rc;

use kube::config::Kubeconfig;
use meshsynth_deploy::backend::Backend;
use meshsynth_deploy::cloud::{AccountRegion, CloudError, Fault};
use meshsynth_deploy::kube::ClusterClient;
use meshsynth_deploy::kube::{Connection, Kube, KubeError};
use serde_json::{Value, json};

use crate::cluster::{Cluster, refuse};
use crate::fake::Fake;
use crate::world::error;

/// A fault at one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// The process is killed before the call.
    KilledBefore,
    /// The process is killed after the call took effect.
    KilledAfter,
    /// The call takes effect, and its response is lost.
    LostAnswer,
    /// The server reports an internal error.
    ServerError,
    /// The call is throttled.
    Throttled,
    /// The permissions are insufficient.
    Denied,
}

pub const HITS: [Hit; 6] =
    [Hit::KilledBefore, Hit::KilledAfter, Hit::LostAnswer, Hit::ServerError, Hit::Throttled, Hit::Denied];

impl Fake {
    /// Returns the fault at a call.
    pub fn hit_at(&self, number: u32) -> Option<Hit> {
        self.hit.get().filter(|(at, _)| *at == number).map(|(_, hit)| hit)
    }

    /// Kills the process, or returns the fault of a call that has no effect.
    pub async fn before(&self, hit: Option<Hit>) -> Option<Fault> {
        match hit? {
            Hit::KilledBefore => self.die().await,
            Hit::ServerError => return Some(Fault::Unreachable),
            Hit::Throttled => return Some(Fault::Throttled),
            Hit::Denied => return Some(Fault::Denied),
            Hit::KilledAfter | Hit::LostAnswer => {}
        }
        None
    }

    /// Kills the process after a call. Returns whether the response is lost.
    pub async fn after(&self, hit: Option<Hit>) -> bool {
        if hit == Some(Hit::KilledAfter) {
            self.die().await;
        }
        hit == Some(Hit::LostAnswer)
    }
}

/// A client of a simulated cluster. Its calls are numbered together with the calls to AWS.
pub struct Client<'a> {
    fake: &'a Fake,
    cluster: Rc<Cluster>,
}

impl Client<'_> {
    async fn call(&self, method: &str, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        let number = self.fake.n_calls.get();
        self.fake.n_calls.set(number + 1);
        let hit = self.fake.hit_at(number);
        match self.fake.before(hit).await {
            Some(Fault::Unreachable) => return Err(refuse(503, "ServiceUnavailable", "injected")),
            Some(Fault::Throttled) => return Err(refuse(429, "TooManyRequests", "injected")),
            Some(_) => return Err(refuse(403, "Forbidden", "injected")),
            None => {}
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let (path, more) = path.split_once('?').unwrap_or((path, ""));
        let answer = self.cluster.handle(method, path, if query.is_empty() { more } else { query }, body);
        match self.fake.after(hit).await {
            true => Err(KubeError { text: "timed out".to_owned(), ..KubeError::default() }),
            false => answer,
        }
    }
}

impl Kube for Client<'_> {
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError> {
        match self.call("GET", path, "", &Value::Null).await {
            Err(error) if error.code == 404 => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        self.call("PATCH", path, if force { "force=true" } else { "" }, object).await
    }

    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        self.call("PATCH", path, if force { "force=true&dryRun=All" } else { "dryRun=All" }, object).await
    }

    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError> {
        self.call("PATCH", path, "force=true&dryRun=All", object).await
    }

    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError> {
        self.call("MERGE", path, "", patch).await
    }

    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError> {
        self.call("POST", path, "", question).await
    }

    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError> {
        match self.call("DELETE", path, "", &json!({ "preconditions": { "uid": uid } })).await {
            Err(error) if error.code == 404 => Ok(None),
            answer => answer.map(|it| Some(it).filter(|it| it["metadata"]["deletionTimestamp"].is_string())),
        }
    }
}

impl ClusterClient for Client<'_> {
    async fn kubeconfig(&self) -> anyhow::Result<Kubeconfig> {
        Ok(Kubeconfig::default())
    }
}

impl Backend for Fake {
    type Kube<'a> = Client<'a>;

    async fn check_cluster(&self, _: &AccountRegion, name: &str) -> Result<(), CloudError> {
        let is_there = self.clusters.borrow().contains_key(name);
        self.call("DescribeCluster", |_| match is_there {
            true => Ok(()),
            false => Err(error(Fault::Missing, "DescribeCluster", "no cluster")),
        })
        .await
    }

    fn connect(&self, connection: Connection) -> Client<'_> {
        let Connection::Eks { name, .. } = connection else { panic!("the tests use clusters of EKS") };
        Client { fake: self, cluster: Rc::clone(&self.clusters.borrow()[&name]) }
    }
}
