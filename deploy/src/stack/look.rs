//! What of others a deployment of the stack would take over, told without a change.

use super::adopt::Owner;
use super::{Start, Worker};
use crate::cloud::{Cloud, Stack};
use crate::failure::Failure;

impl<C: Cloud> Worker<'_, C> {
    /// Tells whether the stack is taken over, and what is imported into it.
    ///
    /// # Errors
    ///
    /// Whatever would keep the deployment from it.
    pub async fn look(&self) -> Result<(), Failure> {
        let stack = self.read().await?.filter(Stack::is_there);
        let adopts = self.settings.adopt.contains(&self.step.name);
        match &stack {
            Some(stack) => {
                self.check_owner(stack)?;
                match self.check_ours(stack)? {
                    Owner::Other => self.tell_adoption(stack).await?,
                    Owner::Us if adopts => self.note("it is ours already: there is nothing to take over"),
                    Owner::Us => {}
                }
            }
            None if adopts => self.note("it is not there: it is created, and there is nothing to take over"),
            None => {}
        }
        let start = if stack.is_some() { Start::Update } else { Start::Create };
        match self.importable(start).await? {
            Some((rows, template)) => self.tell_import(&rows, &template),
            None if self.settings.import.is_some() => self.note("there is nothing to import"),
            None => {}
        }
        Ok(())
    }
}
