//! Alarms of services and data stores.

use meshsynth::aws::cloudwatch::watch;
use meshsynth::kms::{Key, KeyProps};
use meshsynth::{App, Stack, sns};

use crate::Environment;
use crate::data::Data;
use crate::events::Events;
use crate::services::Shop;

pub fn define(app: &App, env: &Environment, data: &Data, events: &Events, shop: &Shop) {
    let stack = Stack::new(app, "observability", env.place());
    stack.describe("Alarms of the services and their stores.");
    let key = Key::new(&stack, "key", KeyProps::default());
    let on_call = sns::Topic::new(&stack, "on-call", sns::TopicProps { key: Some(key), ..Default::default() });
    on_call.add_email("mail", env.on_call);
    watch(&stack, "catalog-db-alarms", &data.catalog, &on_call);
    watch(&stack, "orders-db-alarms", &data.orders, &on_call);
    watch(&stack, "counters-alarms", &data.counters, &on_call);
    watch(&stack, "search-alarms", &data.search, &on_call);
    watch(&stack, "warehouse-alarms", &data.warehouse, &on_call);
    watch(&stack, "carts-table-alarms", &data.carts, &on_call);
    watch(&stack, "packing-alarms", &events.packing, &on_call);
    watch(&stack, "mailer-alarms", &events.mailer, &on_call);
    for service in &shop.services {
        watch(&stack, &format!("{}-alarms", service.name()), service, &on_call);
    }
}
