//! Accesses AWS with its SDK.
//!
//! Uses the standard credentials chain, including `AWS_ENDPOINT_URL` and similar variables. A stack with its own
//! account requires a role in that account.

mod bucket;
mod caller;
mod cloudformation;
mod error;
mod http;
mod importing;
mod partition;
mod profile;
mod read;
mod refactoring;
mod signed;
mod token;
pub(crate) mod words;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use tokio::sync::OnceCell;

use crate::cloud::{AccountRegion, CloudError, Fault};

pub use caller::Caller;
pub(crate) use partition::partition;
pub use token::EksToken;

/// The access to AWS.
#[derive(Clone, Debug)]
pub struct AwsAccess {
    /// The role to assume. `{account}` is replaced by the account of the stack. `None` means the current credentials.
    pub role: Option<String>,
    /// The external ID that the role requires.
    pub external_id: Option<String>,
    /// The time limit for a response.
    pub timeout: Duration,
    /// The number of attempts of the SDK before the executor receives the error.
    pub attempts: u32,
    /// The endpoint of AWS. It overrides the environment.
    pub endpoint: Option<String>,
    /// The credentials. They override the environment.
    pub credentials: Option<Credentials>,
}

impl Default for AwsAccess {
    fn default() -> Self {
        Self {
            role: None,
            external_id: None,
            timeout: Duration::from_secs(60),
            attempts: 5,
            endpoint: None,
            credentials: None,
        }
    }
}

/// AWS, with one client for each account and region.
pub struct Aws {
    access: AwsAccess,
    base: OnceCell<SdkConfig>,
    places: RefCell<BTreeMap<AccountRegion, Rc<OnceCell<Clients>>>>,
}

/// The clients of one account and region.
struct Clients {
    config: SdkConfig,
    account: String,
    arn: String,
    cloudformation: aws_sdk_cloudformation::Client,
    s3: aws_sdk_s3::Client,
}

impl Aws {
    /// Creates AWS access with the credentials of the environment.
    pub fn new(access: AwsAccess) -> Self {
        Self { access, base: OnceCell::new(), places: RefCell::default() }
    }

    /// Returns the region of the environment or the profile.
    pub async fn region_of_environment(&self) -> Option<String> {
        let environment = EnvironmentVariableRegionProvider::new().region().await;
        let region = match environment {
            Some(region) => Some(region),
            None => ProfileFileRegionProvider::new().region().await,
        };
        region.map(|region| region.to_string()).filter(|name| !name.is_empty())
    }

    async fn base(&self) -> Result<&SdkConfig, CloudError> {
        self.base
            .get_or_try_init(async || {
                let timeouts = TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(10).min(self.access.timeout))
                    .operation_attempt_timeout(self.access.timeout)
                    .build();
                // Retries are counted for each call. A shared rate limit would slow down more than it helps.
                let retries = RetryConfig::standard()
                    .with_max_attempts(self.access.attempts)
                    .with_initial_backoff(Duration::from_millis(200))
                    .with_max_backoff(Duration::from_secs(2));
                // Each client sets its own region, so the SDK need not determine one.
                let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new("us-east-1"));
                if let Some(endpoint) = &self.access.endpoint {
                    loader = loader.endpoint_url(endpoint);
                }
                if let Some(credentials) = &self.access.credentials {
                    loader = loader.credentials_provider(credentials.clone());
                }
                let config = loader
                    .app_name(AppName::new("meshsynth").expect("the name is a constant"))
                    .http_client(http::client())
                    .retry_config(retries)
                    .timeout_config(timeouts)
                    .load()
                    .await;
                http::check_addresses(config.endpoint_url())?;
                Ok(config)
            })
            .await
    }

    async fn clients(&self, place: &AccountRegion) -> Result<Rc<OnceCell<Clients>>, CloudError> {
        let cell = Rc::clone(self.places.borrow_mut().entry(place.clone()).or_default());
        cell.get_or_try_init(async || self.connect(place).await).await?;
        Ok(cell)
    }

    async fn connect(&self, place: &AccountRegion) -> Result<Clients, CloudError> {
        let base = self.base().await?;
        let region = Region::new(place.region.clone());
        let mut config = base.clone().into_builder().region(region.clone()).build();
        if let Some(role) = &self.access.role {
            let role = match &place.account {
                Some(account) => role.replace("{account}", account),
                None if role.contains("{account}") => {
                    let text = format!(
                        "the role `{role}` contains `{{account}}`, but a stack in {} does not specify an account",
                        place.region
                    );
                    return Err(wrong(Fault::NoAccount, text));
                }
                None => role.clone(),
            };
            let mut provider =
                AssumeRoleProvider::builder(role).session_name("meshsynth").region(region).configure(&config);
            if let Some(id) = &self.access.external_id {
                provider = provider.external_id(id);
            }
            let provider = aws_credential_types::provider::SharedCredentialsProvider::new(provider.build().await);
            config = config.into_builder().credentials_provider(provider).build();
        }
        let sts = aws_sdk_sts::Client::new(&config);
        let caller = sts.get_caller_identity().send().await.map_err(|it| error::map("sts:GetCallerIdentity", it))?;
        let account = caller.account().unwrap_or_default().to_owned();
        if let Some(wanted) = place.account.as_ref().filter(|wanted| **wanted != account) {
            let text = format!("a stack belongs to account {wanted}, but the credentials are for account {account}");
            return Err(wrong(Fault::OtherAccount, text));
        }
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(config.endpoint_url().is_some()).build();
        Ok(Clients {
            account,
            arn: caller.arn().unwrap_or_default().to_owned(),
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            config,
        })
    }
}

impl Clients {
    /// Returns the URL of a service without a trailing slash.
    fn endpoint(&self, service: &str) -> String {
        let region = self.config.region().map_or("us-east-1", |region| region.as_ref());
        match self.config.endpoint_url() {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://{service}.{region}.{}", partition(region).1),
        }
    }
}

fn wrong(fault: Fault, text: String) -> CloudError {
    CloudError { fault, call: "sts:GetCallerIdentity".to_owned(), text }
}
