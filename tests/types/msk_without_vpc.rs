//! An MSK cluster without a VPC.

use meshsynth::{App, Env, Stack, msk};

fn main() {
    let app = App::new("app");
    let data = Stack::new(&app, "data", Env::region("ap-northeast-1"));
    msk::Cluster::new(&data, "events", msk::ClusterProps::default());
}
