//! What finds services across regions.

use crate::cluster::Site;

pub fn define(_: &[Site; 2]) {}
