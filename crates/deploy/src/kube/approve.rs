//! Evaluates, prints and confirms the changes of a cluster before the deployment applies them.

use meshsynth_diff::cluster::{self, Pairing};

use super::look::applied;
use super::object::unfill;
use super::prune::Going;
use super::{Kube, Worker};
use crate::assembly::Assembly;
use crate::event::Event;
use crate::failure::Failure;
use crate::judgement::Judgement;
use crate::watch::{Answer, Question};

impl<K: Kube> Worker<'_, K> {
    /// Evaluates the changes, prints the severe ones, and prompts the user if an approval is required.
    /// `foreign` describes the effects on content of other owners.
    pub(super) async fn approve(
        &self,
        mut objects: Vec<Pairing>,
        gone: &[Going],
        foreign: Vec<String>,
    ) -> Result<(), Failure> {
        if gone.is_empty() && foreign.is_empty() && objects.iter().all(|(before, after)| before == after) {
            return Ok(());
        }
        objects.extend(gone.iter().map(|going| (Some(applied(&going.live)), None)));
        // A physical name is unknown to the evaluation, but its placeholder names a resource of the platform.
        if let Some(values) = self.values {
            let sides = objects.iter_mut().flat_map(|(before, after)| [before, after]).flatten();
            sides.for_each(|object| unfill(object, values));
        }
        let bindings = self.rest.map(Assembly::bindings_value);
        let rest = self.rest.zip(bindings.as_ref()).map(|(it, bindings)| it.rest(bindings));
        let diff = cluster::compare(self.app, self.cluster, objects, rest).map_err(|error| {
            let text = format!(
                "cluster `{}` was not changed, because the changes cannot be evaluated: {error:#}",
                self.cluster
            );
            Failure::new(text, "check the manifests, synthesize, and run the command again")
        })?;
        let judgement = Judgement { foreign, ..Judgement::of_cluster(diff) };
        let grave: Vec<_> = judgement.changes.iter().filter(|row| row.is_grave()).cloned().collect();
        if !grave.is_empty() || !judgement.access.is_empty() || !judgement.ways.is_empty() {
            let (ways, access) = (judgement.ways.clone(), judgement.access.clone());
            self.watch.say(&Event::Changes { at: self.cluster.to_owned(), changes: grave, ways, access });
        }
        self.tell_what_goes_along(gone).await?;
        let Some(why) = self.approval.why(&judgement) else { return Ok(()) };
        let count = meshsynth_model::words::count(judgement.changes.len(), "change");
        match self.watch.ask(&Question { at: self.cluster.to_owned(), judgement, why: why.clone() }) {
            Answer::Yes => Ok(()),
            Answer::Interrupted => {
                self.stop.cancel();
                self.check_stop("was not changed")
            }
            Answer::No => Err(Failure::new(
                format!("cluster `{}` was not changed: the changes were not approved", self.cluster),
                "run the command again to approve the changes",
            )),
            Answer::Nobody => Err(Failure::new(
                format!(
                    "cluster `{}` has {count} pending approval ({why}), but stdin or stderr is not a terminal",
                    self.cluster
                ),
                "check the changes above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }
}
