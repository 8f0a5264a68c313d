//! Implements the trait [`Kube`] with kube-rs.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{ClusterClient, Kube, KubeError, MANAGER};
use crate::aws::Aws;
use crate::cloud::{AccountRegion, CloudError};

/// The lifetime of a connection with an EKS token. The token is valid for 15 minutes.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// The connection to a cluster.
#[derive(Clone, Debug)]
pub enum Connection {
    /// A kubeconfig: a file or the default file, and a context or the current context.
    Config {
        /// The file.
        file: Option<PathBuf>,
        /// The context.
        context: Option<String>,
    },
    /// An EKS cluster, with a token that this process creates.
    Eks {
        /// The account and region of the cluster.
        place: AccountRegion,
        /// The name of the cluster.
        name: String,
    },
}

/// A client for a cluster.
pub struct Client<'a> {
    aws: &'a Aws,
    connection: Connection,
    client: RefCell<Option<(kube::Client, Instant)>>,
}

impl<'a> Client<'a> {
    /// Creates a client that connects at the first call.
    pub fn new(aws: &'a Aws, connection: Connection) -> Self {
        Self { aws, connection, client: RefCell::default() }
    }

    async fn config(&self) -> Result<Kubeconfig> {
        match &self.connection {
            Connection::Config { file: Some(file), .. } => {
                Kubeconfig::read_from(file).with_context(|| format!("cannot read `{}`", file.display()))
            }
            Connection::Config { file: None, .. } => Kubeconfig::read().context("cannot read the kubeconfig"),
            Connection::Eks { place, name } => {
                let access = self.aws.eks(place, name).await.map_err(|error: CloudError| anyhow::Error::new(error))?;
                let authority = STANDARD.encode(&access.authority);
                let config = json!({
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{
                        "name": name,
                        "cluster": { "server": access.endpoint, "certificate-authority-data": authority }
                    }],
                    "users": [{ "name": MANAGER, "user": { "token": access.token } }],
                    "contexts": [{ "name": name, "context": { "cluster": name, "user": MANAGER } }],
                    "current-context": name
                });
                serde_json::from_value(config).context("a kubeconfig is always readable")
            }
        }
    }

    async fn connect(&self) -> Result<kube::Client, KubeError> {
        if let Some((client, at)) = self.client.borrow().as_ref()
            && at.elapsed() < GOOD_FOR
        {
            return Ok(client.clone());
        }
        let context = match &self.connection {
            Connection::Config { context, .. } => context.clone(),
            Connection::Eks { .. } => None,
        };
        let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
        let refused =
            |text: String| KubeError { code: 401, reason: "Unreachable".to_owned(), text, causes: Vec::new() };
        let config = self.config().await.map_err(|error| refused(format!("{error:#}")))?;
        let mut config =
            kube::Config::from_custom_kubeconfig(config, &options).await.map_err(|it| refused(it.to_string()))?;
        config.proxy_url = proxy(&config);
        config.connect_timeout = Some(Duration::from_secs(10));
        config.read_timeout = Some(Duration::from_secs(60));
        // The executor retries calls and reports this.
        config.default_retry = false;
        let client = kube::Client::try_from(config).map_err(|it| refused(it.to_string()))?;
        *self.client.borrow_mut() = Some((client.clone(), Instant::now()));
        Ok(client)
    }

    /// Makes a call. Repeats it with a new token if the old token is rejected.
    async fn call(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Result<Value, KubeError> {
        let is_new = self.client.borrow().is_none();
        match self.once(method, path, body.clone()).await {
            Err(error) if error.code == 401 && error.reason != "Unreachable" && !is_new => {
                self.once(method, path, body).await
            }
            answer => answer,
        }
    }

    async fn once(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Result<Value, KubeError> {
        let client = self.connect().await?;
        let mut request = http::Request::builder().method(method).uri(path);
        if let Some((kind, _)) = &body {
            request = request.header("content-type", *kind);
        }
        let request = request.body(body.map(|(_, body)| body).unwrap_or_default());
        let request = request.map_err(|it| KubeError { code: 400, text: it.to_string(), ..KubeError::default() })?;
        let answer = client.request::<Value>(request).await.map_err(error);
        if answer.as_ref().is_err_and(|it| it.code == 401) {
            self.client.borrow_mut().take();
        }
        answer
    }
}

impl ClusterClient for Client<'_> {
    async fn kubeconfig(&self) -> Result<Kubeconfig> {
        self.config().await
    }
}

impl Kube for Client<'_> {
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError> {
        match self.call("GET", path, None).await {
            Err(error) if error.code == 404 => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        let path = format!("{path}?fieldManager={MANAGER}&force={force}&fieldValidation=Strict");
        // JSON is valid YAML.
        self.call("PATCH", &path, Some(("application/apply-patch+yaml", object.to_string().into_bytes()))).await
    }

    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        let path = format!("{path}?fieldManager={MANAGER}&force={force}&fieldValidation=Strict&dryRun=All");
        self.call("PATCH", &path, Some(("application/apply-patch+yaml", object.to_string().into_bytes()))).await
    }

    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError> {
        let path = format!("{path}?fieldManager={MANAGER}&force=true&dryRun=All");
        self.call("PATCH", &path, Some(("application/apply-patch+yaml", object.to_string().into_bytes()))).await
    }

    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError> {
        let path = format!("{path}?fieldManager={MANAGER}");
        self.call("PATCH", &path, Some(("application/merge-patch+json", patch.to_string().into_bytes()))).await
    }

    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError> {
        let options = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": { "uid": uid }
        });
        match self.call("DELETE", path, Some(("application/json", options.to_string().into_bytes()))).await {
            Err(error) if error.code == 404 => Ok(None),
            // If the object is deleted immediately, the response is a `Status`.
            answer => answer.map(|it| Some(it).filter(|it| it["metadata"]["deletionTimestamp"].is_string())),
        }
    }

    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError> {
        self.call("POST", path, Some(("application/json", question.to_string().into_bytes()))).await
    }
}

/// Returns the proxy of the kubeconfig, or the proxy of the environment for the cluster host. kube-rs compares
/// `NO_PROXY` with the host of the proxy instead.
fn proxy(config: &kube::Config) -> Option<http::Uri> {
    let given = config.proxy_url.clone();
    let of_environment = ["HTTPS_PROXY", "https_proxy"].into_iter().find_map(|name| std::env::var(name).ok());
    let is_of_environment =
        |uri: &http::Uri| of_environment.as_deref().is_some_and(|it| it.parse().ok().as_ref() == Some(uri));
    match given {
        Some(uri) if !is_of_environment(&uri) => Some(uri),
        _ => Matcher::from_env().intercept(&config.cluster_url).map(|it| it.uri().clone()),
    }
}

fn error(error: kube::Error) -> KubeError {
    match error {
        kube::Error::Api(status) => KubeError {
            code: status.code,
            reason: status.reason.clone(),
            text: status.message.clone(),
            causes: status
                .details
                .iter()
                .flat_map(|it| &it.causes)
                .map(|it| (it.reason.clone(), it.field.clone(), it.message.clone()))
                .collect(),
        },
        other => {
            let mut text = other.to_string();
            let mut next = std::error::Error::source(&other);
            while let Some(cause) = next {
                text = format!("{text}: {cause}");
                next = cause.source();
            }
            KubeError { code: 0, text, ..KubeError::default() }
        }
    }
}
