//! Objects in a bucket, which are written only if they did not change since they were read.

use meshsynth_deploy::cloud::{CloudError, Fault};

use crate::world::World;

impl World {
    /// Writes an object if its version did not change. Returns the new version.
    pub fn put_object(&mut self, address: &str, text: &str, was: Option<&str>) -> Result<String, CloudError> {
        let has = self.objects.get(address).map(|(_, version, _)| format!("\"{version}\""));
        if has.as_deref() != was {
            let text = "At least one of the pre-conditions you specified did not hold";
            return Err(CloudError { fault: Fault::State, call: "s3:PutObject".to_owned(), text: text.to_owned() });
        }
        self.n_ids += 1;
        self.objects.insert(address.to_owned(), (text.to_owned(), self.n_ids, self.now));
        Ok(format!("\"{}\"", self.n_ids))
    }
}
