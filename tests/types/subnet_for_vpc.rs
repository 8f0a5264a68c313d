//! A subnet instead of a VPC.

use meshsynth::{App, Env, Stack, aws, cfn};

fn main() {
    let app = App::new("app");
    let net = Stack::new(&app, "net", Env::region("ap-northeast-1"));
    let vpc = aws::Vpc::new(&net, "vpc", aws::VpcProps::default());
    let subnet = vpc.subnet_ids(aws::vpc::Tier::Private).remove(0);
    cfn::ec2::Subnet::new(subnet);
}
