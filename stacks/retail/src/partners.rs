//! An API for carriers: a function with a URL that accepts signed requests.

use meshsynth::aws::Vpc;
use meshsynth::iam::{ExistingRole, Role};
use meshsynth::lambda::{Code, Function, FunctionProps};
use meshsynth::{Stack, ecr};

use crate::Environment;
use crate::data::Data;
use crate::environment::SHARED;

/// The role with which carriers sign requests.
const CARRIER: &str = "arn:aws:iam::222211113333:role/parcel-tracking";

pub fn define(stack: &Stack, env: &Environment, vpc: &Vpc, data: &Data) {
    let arn = format!("arn:aws:ecr:{}:{SHARED}:repository/retail/parcels", env.region);
    let images = ecr::Repository::import(stack, "parcel-images", ecr::ExistingRepository::arn(arn));
    let props = FunctionProps {
        vpc: Some(vpc.clone()),
        key: Some(data.key.clone()),
        concurrency: Some(20),
        ..Default::default()
    };
    let parcels = Function::new(stack, "parcels", Code::image(&images, env.version), props);
    data.carts.grant_read(&parcels);
    parcels.env("TABLE_NAME", data.carts.name());
    let carrier = Role::import(stack, "carrier", ExistingRole::arn(CARRIER));
    let address = parcels.add_url();
    address.grant_invoke_url(&carrier);
    stack.output("Parcels", address.url());
}
