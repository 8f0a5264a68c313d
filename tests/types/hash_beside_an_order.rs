//! A cookie together with a load balancing order. Istio supports only one of them.

use meshsynth::mesh::traffic::Balance;
use meshsynth::{App, Duration, testing};

fn main() {
    let app = App::new("app");
    let orders = testing::mesh_workload(&app);
    let cookie = Balance::Cookie { name: "user_session".to_owned(), ttl: Duration::hours(1) };
    orders.balance(Balance::RoundRobin, cookie);
}
