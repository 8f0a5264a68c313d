//! TLS is terminated twice, or not at all, between a load balancer and a gateway.
//!
//! # What it reports
//!
//! The rule reports `Tls::AtBalancer` for a gateway without a certificate of its load balancer, and another TLS setting
//! for a gateway with such a certificate.
//!
//! # Why it matters
//!
//! A load balancer with a certificate forwards requests in plain text, and a gateway that expects TLS does not answer.
//! A load balancer without a certificate forwards TLS, and a gateway that expects plain text cannot read it.
//!
//! # Fix
//!
//! Use `Tls::AtBalancer` if the gateway was added with a certificate, and only then.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#tls>

#[cfg(test)]
mod tests {
    use crate::kube::cert_manager as l1;
    use crate::mesh::{Gateway, GatewayProps, Tls};
    use crate::testing::{codes, workload_and_mesh};

    fn entry(tls: Tls) -> Vec<&'static str> {
        codes(|app| {
            let (orders, istio) = workload_and_mesh(app);
            let ingress = istio.add_gateway("ingress", GatewayProps::default());
            let issuer = l1::IssuerReference::new("authority");
            let spec = l1::CertificateSpec::new(issuer, "api-example-com");
            l1::Certificate::new().spec(spec).define(ingress.namespace(), "certificate", "api-example-com");
            Gateway::new(&ingress, "entry", tls).expose("api.example.com", "/", &orders);
        })
    }

    #[test]
    fn reports_plain_text_behind_a_load_balancer_without_a_certificate() {
        assert_eq!(entry(Tls::AtBalancer), ["MS1037"]);
    }

    #[test]
    fn accepts_tls_termination_at_the_gateway() {
        assert_eq!(entry(Tls::Secret("api-example-com".to_owned())), [""; 0]);
    }
}
