//! Creates the EKS token, a presigned URL that identifies the caller, without an external command.
//!
//! Source: <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::{Aws, partition, signed};
use crate::cloud::{AccountRegion, CloudError, Fault};

/// The lifetime of the signature. EKS accepts the token for 15 minutes after it was created.
const TOKEN_LIFETIME: Duration = Duration::from_secs(60);

/// A cluster and its access token.
pub struct EksToken {
    /// The URL of the API server.
    pub endpoint: String,
    /// The CA certificate in DER.
    pub authority: Vec<u8>,
    /// The token.
    pub token: String,
}

impl Aws {
    /// Looks up an EKS cluster, and creates a token for it.
    pub async fn eks(&self, place: &AccountRegion, cluster: &str) -> Result<EksToken, CloudError> {
        let call = "eks:DescribeCluster";
        let failed = |text: String| CloudError { fault: Fault::Refused, call: call.to_owned(), text };
        let cell = self.clients(place).await?;
        let clients = cell.get().expect("it was just filled");
        let answer = clients.read(call, "eks", &format!("/clusters/{}", signed::encoded(cluster))).await?;
        let cluster_info = &answer["cluster"];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        if cluster_info["status"] != "ACTIVE" && cluster_info["status"] != "UPDATING" {
            return Err(failed(format!("the state of the cluster `{cluster}` is `{}`", text(&cluster_info["status"]))));
        }
        let pem = STANDARD
            .decode(text(&cluster_info["certificateAuthority"]["data"]))
            .map_err(|it| failed(format!("the certificate authority of `{cluster}` cannot be decoded: {it}")))?;
        let identity = clients.identity("sts:GetCallerIdentity").await?;
        let region = &place.region;
        let host = format!("sts.{region}.{}", partition(region).1);
        let token = token(&identity, region, &host, cluster, signed::now()).map_err(failed)?;
        Ok(EksToken { endpoint: text(&cluster_info["endpoint"]), authority: pem, token })
    }
}

fn token(identity: &Identity, region: &str, host: &str, cluster: &str, now: SystemTime) -> Result<String, String> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(TOKEN_LIFETIME);
    let params = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name("sts")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|it| it.to_string())?
        .into();
    let url = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
    let headers = [("host", host), ("x-k8s-aws-id", cluster)];
    let signable = SignableRequest::new("GET", url.as_str(), headers.into_iter(), SignableBody::Bytes(&[]));
    let signed = sign(signable.map_err(|it| it.to_string())?, &params).map_err(|it| it.to_string())?;
    let mut request = http::Request::get(&url).body(()).map_err(|it| it.to_string())?;
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    Ok(format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(request.uri().to_string())))
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    #[test]
    fn token_is_presigned_url_for_one_cluster() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let identity: Identity =
            Credentials::new("AKIDEXAMPLE", secret, Some("session".to_owned()), None, "test").into();
        let token =
            token(&identity, "ap-northeast-1", "sts.ap-northeast-1.amazonaws.com", "shop", signed::now()).unwrap();
        let address = URL_SAFE_NO_PAD.decode(token.strip_prefix("k8s-aws-v1.").unwrap()).unwrap();
        let address = String::from_utf8(address).unwrap();
        assert!(
            address
                .starts_with("https://sts.ap-northeast-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&")
        );
        for part in ["X-Amz-SignedHeaders=host%3Bx-k8s-aws-id", "X-Amz-Expires=60", "X-Amz-Security-Token=session"] {
            assert!(address.contains(part), "{part}: {address}");
        }
        assert!(!address.contains(secret) && !token.contains('='));
    }

    /// Compares with the token of botocore for the same credentials, cluster and time. The parameter order is
    /// irrelevant.
    #[test]
    fn signs_token_like_the_aws_cli() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let identity: Identity =
            Credentials::new("AKIDEXAMPLE", secret, Some("session/token==".to_owned()), None, "test").into();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_254_669);
        let token = token(&identity, "ap-northeast-1", "sts.ap-northeast-1.amazonaws.com", "shop", at).unwrap();
        let address = URL_SAFE_NO_PAD.decode(token.strip_prefix("k8s-aws-v1.").unwrap()).unwrap();
        let wanted = "https://sts.ap-northeast-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15\
            &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Fap-northeast-1%2Fsts%2Faws4_request\
            &X-Amz-Date=20261121T095109Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id\
            &X-Amz-Security-Token=session%2Ftoken%3D%3D\
            &X-Amz-Signature=7998fa427edc4214c55fb233f5e81c1912c580dfb5af9c8083fbb95c30ca318a";
        let address = String::from_utf8(address).unwrap();
        let sorted = |text: &str| {
            let mut parts: Vec<String> = text.split('&').map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(sorted(&address), sorted(wanted));
    }
}
