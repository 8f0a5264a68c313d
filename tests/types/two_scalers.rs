//! Two autoscalers of one workload.

use meshsynth::mesh::addons::Keda;
use meshsynth::mesh::{Autoscale, Events, Scale, Trigger, WorkloadProps};
use meshsynth::{App, Percent, testing};

fn main() {
    let app = App::new("shop");
    let shop = testing::namespace(&app);
    let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
    let _props = WorkloadProps {
        scale: Scale::Auto(Autoscale::between(2, 10)),
        scale: Scale::Events(Events::new(&keda, [Trigger::cpu(Percent(70))])),
        ..Default::default()
    };
}
