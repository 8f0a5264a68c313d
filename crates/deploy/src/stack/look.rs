//! Reports the takeovers of a stack deployment without changes.

use super::adopt::Owner;
use super::{Start, Worker};
use crate::cloud::{Cloud, Stack};
use crate::failure::Failure;

impl<C: Cloud> Worker<'_, C> {
    /// Reports whether the stack is taken over, and which resources are imported into it.
    ///
    /// # Errors
    ///
    /// If a takeover or an import is impossible.
    pub async fn look(&self) -> Result<(), Failure> {
        let stack = self.read().await?.filter(Stack::is_there);
        let adopts = self.settings.adopt.contains(&self.step.name);
        match &stack {
            Some(stack) => {
                self.check_owner(stack)?;
                match self.check_ours(stack)? {
                    Owner::Other => self.tell_adoption(stack).await?,
                    Owner::Us if adopts => self.note("the stack already belongs to this app, so it is not taken over"),
                    Owner::Us => {}
                }
            }
            None if adopts => self.note("the stack does not exist: it is created instead of taken over"),
            None => {}
        }
        let start = if stack.is_some() { Start::Update } else { Start::Create };
        match self.importable(start).await? {
            Some((rows, template)) => self.tell_import(&rows, &template),
            None if self.settings.import.is_some() => self.note("the stack has no resources to import"),
            None => {}
        }
        Ok(())
    }
}
