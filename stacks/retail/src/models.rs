//! Models: a vendor's model on GPU nodes that scales with the queue, and a Bedrock model for catalog texts.

use meshsynth::bedrock::{Geography, Model};
use meshsynth::mesh::{
    Events, PodProps, Resources, Scale, ScaledJob, ScaledJobProps, Trigger, Workload, WorkloadProps,
};
use meshsynth::{Duration, Mib, Millicores, secrets};

use crate::Environment;
use crate::data::Data;
use crate::events::Events as Ways;
use crate::platform::Platform;
use crate::services::Shop;

pub fn define(env: &Environment, platform: &Platform, data: &Data, ways: &Ways, shop: &Shop) {
    let login = secrets::Secret::import(&shop.stack, "vendor-login", env.vendor_login());
    let pull_secrets = vec![shop.namespace.add_pull_secret("vendor", &login.secret())];
    let triggers = [Trigger::queue(&ways.waiting, 20)];
    let recommendations = WorkloadProps {
        scale: Scale::Events(Events { min: 0, max: 8, ..Events::new(&platform.keda, triggers) }),
        resources: Resources { cpu: Millicores(3000), memory: Mib(12_288), ..Default::default() },
        pod: PodProps { gpus: 1, pull_secrets, ..Default::default() },
        // The model loads its weights before it is ready.
        grace: Duration::minutes(2),
        ..Default::default()
    };
    let image = "registry.models.example.net/ranker/serve:24.10.2";
    let recommendations = Workload::new(&shop.namespace, "recommendations", image, recommendations);
    ways.waiting.grant_receive(&recommendations);
    recommendations.env("QUEUE_URL", ways.waiting.url());
    ways.waiting.grant_send(&shop.storefront);
    shop.storefront.env("WAITING_URL", ways.waiting.url());

    let writer =
        Model::inference_profile(&shop.stack, "writer", Geography::Eu, "anthropic.claude-sonnet-4-5-20250929-v1:0");
    writer.grant_invoke(&shop.catalog);
    shop.catalog.env("MODEL_ID", writer.id());

    let triggers = [Trigger::queue(&ways.photos, 5)];
    let image = data.image(env, "thumbnails");
    let thumbnails =
        ScaledJob::new(&shop.namespace, "thumbnails", image, &platform.keda, triggers, ScaledJobProps::default());
    ways.photos.grant_receive(&thumbnails);
    thumbnails.env("QUEUE_URL", ways.photos.url()).env("BUCKET", ways.uploads.name());
    ways.uploads.grant_read_write(&thumbnails);
}
