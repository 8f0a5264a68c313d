//! A route to a subset given as text, which may be undefined.

use meshsynth::{App, testing};

fn main() {
    let app = App::new("app");
    let orders = testing::mesh_workload(&app);
    orders.route().to("asia-v1", 100);
}
