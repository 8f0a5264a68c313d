//! HTTP access to AWS, with the proxy and the endpoints of the environment.

use std::env;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use http::Uri;

use crate::cloud::{CloudError, Fault};

/// The variables for proxies. `NO_PROXY` lists hosts without a proxy.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Creates a client that uses the proxy of the environment.
pub(super) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        builder.tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// Rejects invalid endpoint and proxy addresses in the environment.
pub(super) fn check_addresses(configured: Option<&str>) -> Result<(), CloudError> {
    let services = ["CLOUDFORMATION", "EKS", "KAFKA", "S3", "STS"].map(|name| format!("AWS_ENDPOINT_URL_{name}"));
    let names = services.iter().map(String::as_str).chain(["AWS_ENDPOINT_URL"]);
    let given = names.filter_map(|name| Some((name.to_owned(), env::var(name).ok()?)));
    let configured =
        configured.map(|text| ("`AWS_ENDPOINT_URL` or `endpoint_url` of the profile".to_owned(), text.to_owned()));
    for (name, text) in given.chain(configured).filter(|(_, text)| !text.is_empty()) {
        if !is_address(&text) {
            let name = if name.contains('`') { name } else { format!("`{name}`") };
            return Err(wrong(format!("{name} is not a URL with a scheme and a host: `{}`", shown(&text))));
        }
    }
    for name in PROXIES {
        let Ok(text) = env::var(name) else { continue };
        if !text.is_empty() && !is_proxy(&text) {
            return Err(wrong(format!("`{name}` is not the address of a proxy: `{}`", shown(&text))));
        }
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
}

/// Whether a text is a proxy address. It can consist of only a host and a port.
fn is_proxy(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    uri.host().is_some_and(|host| !host.is_empty())
        && matches!(uri.scheme_str(), None | Some("http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"))
}

/// Removes the credentials from an address.
fn shown(text: &str) -> &str {
    text.rsplit('@').next().unwrap_or(text)
}

fn wrong(text: String) -> CloudError {
    CloudError { fault: Fault::Endpoint, call: String::new(), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requires_scheme_and_host_in_address() {
        for good in ["http://127.0.0.1:4566", "https://cloudformation.eu-west-1.amazonaws.com", "http://localhost:1/"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in ["localhost:4566", "not a url", "https//x", "ftp://x", "http://", "http:///x", "/x"] {
            assert!(!is_address(wrong), "{wrong}");
        }
        assert!(is_proxy("proxy.example.com:3128") && is_proxy("http://user:word@proxy:3128") && !is_proxy("not one"));
        assert_eq!(shown("http://user:word@proxy:x"), "proxy:x");
    }
}
