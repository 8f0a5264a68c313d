//! The six services with their calls and permissions.

use meshsynth::eks::Cluster;
use meshsynth::mesh::addons::Keda;
use meshsynth::mesh::{Events, Namespace, NamespaceProps, Placement, Scale, Trigger, Workload, WorkloadProps};
use meshsynth::{App, Stack, bedrock, secrets, ssm};

use crate::Environment;
use crate::data::{Data, Service};
use crate::edge::Edge;

pub fn define(app: &App, env: &Environment, cluster: &Cluster, keda: &Keda, data: &Data, edge: &Edge) -> [Workload; 6] {
    let stack = Stack::new(app, "services", env.place());
    stack.describe("Identities, configuration and network paths of the services.");
    let namespace = Namespace::new(&stack, "genai-demo", cluster, NamespaceProps::default());
    let [order, payment, inventory, pricing, delivery, notification] = data.services.each_ref().map(|service| {
        let placement = match service.name {
            "order" | "payment" => env.steady.clone(),
            _ => Placement::default(),
        };
        let scale = match service.name {
            "notification" => Scale::Events(by_events(env, keda, data)),
            _ => Scale::Auto(env.scale.clone()),
        };
        define_service(&namespace, service, env, WorkloadProps { placement, scale, ..Default::default() }, data)
    });

    order.calls_at("INVENTORY_URL", &inventory).calls_at("PRICING_URL", &pricing).calls_at("PAYMENT_URL", &payment);
    pricing.calls_at("INVENTORY_URL", &inventory);
    delivery.calls_at("ORDER_URL", &order).calls_at("NOTIFICATION_URL", &notification);

    edge.open(
        &namespace,
        &[
            ("/api/orders", &order),
            ("/api/payments", &payment),
            ("/api/inventory", &inventory),
            ("/api/prices", &pricing),
            ("/api/deliveries", &delivery),
            ("/api/notifications", &notification),
        ],
    );

    data.order_events.grant_produce(&order);
    data.order_events.grant_consume(&inventory, "inventory");
    data.order_events.grant_consume(&delivery, "delivery");
    data.order_events.grant_consume(&notification, "notification");
    data.payment_events.grant_produce(&payment);
    data.payment_events.grant_consume(&order, "order");
    data.delivery_events.grant_produce(&delivery);
    data.delivery_events.grant_consume(&notification, "notification");
    for service in [&order, &payment, &inventory, &delivery, &notification] {
        data.kafka.allow_from(service);
        service.env("KAFKA_BROKERS", data.kafka.brokers());
    }

    for service in [&order, &inventory, &pricing] {
        data.cache.allow_from(service);
        data.cache.grant_connect(service);
        service.env("REDIS_URL", data.cache.url()).env("REDIS_USER", data.cache.user());
    }

    let model = bedrock::Model::foundation(&stack, "forecast", "amazon.nova-lite-v1:0");
    model.grant_invoke(&pricing);
    pricing.env("MODEL_ID", model.id());

    let gateway = secrets::Secret::new(
        &stack,
        "payment-gateway",
        secrets::SecretProps {
            description: "Login at the payment gateway".to_owned(),
            fields: vec![("username".to_owned(), "genai-demo".to_owned())],
            key: Some(data.key.clone()),
            ..Default::default()
        },
    );
    payment.env_secret("GATEWAY_USER", &gateway.secret().field("username"));
    payment.env_secret("GATEWAY_PASSWORD", &gateway.secret().field("password"));
    [order, payment, inventory, pricing, delivery, notification]
}

/// The notification service scales by its consumer lag in both topics.
fn by_events(env: &Environment, keda: &Keda, data: &Data) -> Events {
    let topics = [&data.order_events, &data.delivery_events];
    // Each pod reads at least one partition.
    let partitions = topics.iter().filter_map(|topic| topic.partitions()).min().unwrap_or(env.scale.max);
    let triggers = topics.map(|topic| Trigger::kafka(topic, "notification", 100));
    Events { min: env.scale.min, max: env.scale.max.min(partitions), ..Events::new(keda, triggers) }
}

/// A service with its database and its configuration.
fn define_service(
    namespace: &Namespace,
    service: &Service,
    env: &Environment,
    props: WorkloadProps,
    data: &Data,
) -> Workload {
    let Service { name, database, images } = service;
    let workload = Workload::new(
        namespace,
        name,
        images.image(env.version),
        WorkloadProps { version: Some(env.version.to_owned()), ..props },
    );
    database.allow_from(&workload);
    database.grant_connect(&workload, name);
    workload
        .env("DB_HOST", database.address())
        .env("DB_PORT", database.port().to_string())
        .env("DB_NAME", database.database())
        .env("DB_USER", *name);

    let config = ssm::Path::new(&workload, "parameters", name);
    config.add("database-url", database.url());
    config.add("redis-url", data.cache.url());
    // CloudFormation does not return the broker addresses. The deployment reads them by the ARN.
    config.add("kafka-cluster", data.kafka.arn());
    config.grant_read(&workload);
    workload.env("CONFIG_PATH", config.name());
    workload
}
