//! A call to a workload that is named by text, which nothing may define.

use meshsynth::{App, testing};

fn main() {
    let app = App::new("app");
    let orders = testing::mesh_workload(&app);
    orders.calls("payments");
}
