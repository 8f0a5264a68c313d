//! Additional settings of pods: ports, files, volumes and sidecars.

use meshsynth::mesh::{Container, PodProps, Port, Projection, Protocol, Volume};
use meshsynth::secrets::{Secret, SecretProps};
use meshsynth::{Duration, Mib};

use crate::Environment;
use crate::data::Data;
use crate::platform::CRITICAL;

/// The catalog: a second port, a rules file, a shared volume of photos, and a sidecar that fills its cache.
pub fn catalog(env: &Environment, data: &Data) -> PodProps {
    let handle = data.photos.volume_handle();
    let mounts = vec![("words".to_owned(), "/words".to_owned())];
    let words = Container { mounts: mounts.clone(), ..Container::new("words", data.image(env, "catalog-words")) };
    let warmer = Container { mounts, ..Container::new("warmer", data.image(env, "catalog-warmer")) };
    PodProps {
        ports: vec![Port::new("grpc", 9090, Protocol::Grpc)],
        // The word list for searches. The init container writes it, and two containers read it.
        init: vec![words],
        sidecars: vec![warmer],
        volumes: vec![
            Volume::empty_dir("words").size(Mib(512)).at("/var/lib/catalog/words"),
            Volume::config("rules", [("prices.toml", "currency = \"EUR\"\nround = \"up\"\n")]).at("/etc/catalog"),
            Volume::csi("photos", "efs.csi.aws.com", handle).at("/mnt/photos"),
        ],
        ..Default::default()
    }
}

/// Orders: a key to sign receipts, a token for the payment provider, and a higher priority than other pods.
pub fn orders(data: &Data) -> PodProps {
    let key = Some(data.key.clone());
    let receipts = Secret::new(&data.stack, "receipt-key", SecretProps { key, ..Default::default() });
    let token = Projection::Token {
        audience: "https://pay.example.net".to_owned(),
        file: "token".to_owned(),
        expires: Duration::hours(1),
    };
    PodProps {
        volumes: vec![
            Volume::secret("receipts", [("key", receipts.secret().field("password"))]).at("/etc/receipts"),
            Volume::projected("payment", [token]).at("/var/run/payment"),
        ],
        priority_class: Some(CRITICAL.to_owned()),
        ..Default::default()
    }
}
