//! Stack operations in memory: executed change sets, continued rollbacks, and deletions.

use meshsynth_deploy::cloud::{CloudError, Fault, Template};

use crate::world::{Kind, Work, World, error};

impl World {
    pub fn execute(&mut self, region: &str, stack: &str, name: &str, token: &str) -> Result<(), CloudError> {
        let (now, takes, refuses) = (self.now, self.takes, self.refuses);
        let call = "ExecuteChangeSet";
        let kept = self.find_mut(region, stack).ok_or_else(|| error(Fault::Missing, call, "no stack"))?;
        if kept.work.as_ref().is_some_and(|(_, work)| work.token == token) {
            return Ok(());
        }
        if kept.stack.is_busy() {
            return Err(error(Fault::State, call, "it is busy"));
        }
        if let Some((set, ..)) = kept.sets.get_mut(name).filter(|_| refuses) {
            set.execution = "EXECUTE_FAILED".to_owned();
            return Ok(());
        }
        let (_, request, _) = kept.sets.remove(name).ok_or_else(|| error(Fault::Missing, call, "no change set"))?;
        kept.sets.clear();
        kept.stack.tags.clone_from(&request.tags);
        kept.stack.parameters = request.parameters.keys().cloned().collect();
        kept.stack.updated = i64::try_from(now).unwrap();
        let Template::Text(template) = request.template else { unreachable!() };
        let (kind, status) = match request.imports.is_empty() {
            false => (Kind::Import { template, imports: request.imports }, "IMPORT_IN_PROGRESS"),
            true if request.create => (Kind::Apply { create: true, template }, "CREATE_IN_PROGRESS"),
            true => (Kind::Apply { create: false, template }, "UPDATE_IN_PROGRESS"),
        };
        kept.work = Some((now + takes, Work { kind, token: token.to_owned() }));
        self.begin(region, stack, status, token);
        Ok(())
    }

    /// Adds the start event of an operation.
    pub fn begin(&mut self, region: &str, stack: &str, status: &str, token: &str) {
        let now = self.now;
        let key = self
            .stacks
            .iter()
            .find(|((at, by), it)| at == region && (by == stack || it.stack.id == stack))
            .unwrap()
            .0
            .clone();
        let mut kept = self.stacks.remove(&key).unwrap();
        self.say(&mut kept, None, status, "", now, token);
        self.stacks.insert(key, kept);
    }

    pub fn delete(&mut self, region: &str, stack: &str, retain: &[String], token: &str) -> Result<(), CloudError> {
        let (now, takes) = (self.now, self.takes);
        let Some(kept) = self.find_mut(region, stack) else { return Ok(()) };
        if kept.stack.protected {
            return Err(error(Fault::Refused, "DeleteStack", "it is protected"));
        }
        if kept.stack.status == "REVIEW_IN_PROGRESS" {
            let key = (region.to_owned(), kept.stack.name.clone());
            self.stacks.remove(&key);
            return Ok(());
        }
        if kept.work.is_none() {
            kept.work =
                Some((now + takes, Work { kind: Kind::Delete { retain: retain.to_vec() }, token: token.to_owned() }));
            self.begin(region, stack, "DELETE_IN_PROGRESS", token);
        }
        Ok(())
    }

    pub fn continue_rollback(
        &mut self,
        region: &str,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Result<(), CloudError> {
        let (now, takes) = (self.now, self.takes);
        let kept =
            self.find_mut(region, stack).ok_or_else(|| error(Fault::Missing, "ContinueUpdateRollback", "none"))?;
        if kept.work.is_none() {
            kept.work =
                Some((now + takes, Work { kind: Kind::Continue { skip: skip.to_vec() }, token: token.to_owned() }));
            self.begin(region, stack, "UPDATE_ROLLBACK_IN_PROGRESS", token);
        }
        Ok(())
    }
}
