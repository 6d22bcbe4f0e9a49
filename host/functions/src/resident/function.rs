//! An aggregate function that keeps its states, as DuckDB sees it.

use duckpen_database::{AggregateFunction, AggregateSignature, CallbackError, Chunk, OutputVector, States};

use super::home::Homes;
use super::place::{Place, buffer, carried, put, settle};
use crate::failure::CallError;

pub(crate) struct GuestResident {
    pub(crate) signature: AggregateSignature,
    pub(crate) homes: Homes,
}

impl GuestResident {
    fn message(&self, call: &'static str) -> impl FnOnce(CallError) -> CallbackError {
        move |error| error.message_in(&self.signature.name, self.homes.component(), call)
    }

    fn combined(
        &self,
        targets: &States<'_, Place>,
        sources: &States<'_, Place>,
        target_of: &[u32],
    ) -> Result<(), CallError> {
        let sources = carried(sources, &self.homes.budget())?;
        // What goes into a group without rows is that group; the guest need not know.
        let merged: Vec<_> = sources
            .iter()
            .zip(target_of)
            .filter_map(|(source, target)| Some((*target as usize, source.as_ref()?)))
            .filter(|(target, source)| !put(targets.get(*target), source))
            .collect();
        if merged.is_empty() {
            return Ok(());
        }
        let mut distinct: Vec<usize> = merged.iter().map(|(target, _)| *target).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let places: Vec<&Place> = distinct.iter().map(|target| targets.get(*target)).collect();
        let (home, numbers) = settle(&places, &self.homes)?;
        let number = |target: &usize| distinct.binary_search(target).map_or(0, |index| numbers[index]);
        let groups: Vec<u32> = merged.iter().map(|(target, _)| number(target)).collect();
        let states = buffer(merged.iter().map(|(_, source)| *source))?;
        self.homes.statistics().add_batch(0, states.bytes(), 0);
        home.with(|accumulator| accumulator.merge(&groups, &states))
    }
}

impl AggregateFunction for GuestResident {
    type State = Place;

    fn signature(&self) -> &AggregateSignature {
        &self.signature
    }

    fn init(&self) -> Place {
        Place::default()
    }

    fn update(&self, states: &mut States<'_, Place>, of_row: &[u32], input: &Chunk<'_>) -> Result<(), CallbackError> {
        let update = || {
            let places: Vec<&Place> = states.iter().collect();
            let (home, numbers) = settle(&places, &self.homes)?;
            let of_row: Vec<u32> = of_row.iter().map(|group| numbers[*group as usize]).collect();
            let bytes_in = home.with(|accumulator| accumulator.update(&of_row, input))?;
            self.homes.statistics().add_batch(input.rows() as u64, bytes_in, 0);
            Ok(())
        };
        update().map_err(self.message("update"))
    }

    fn combine(
        &self,
        targets: &mut States<'_, Place>,
        sources: &States<'_, Place>,
        target_of: &[u32],
    ) -> Result<(), CallbackError> {
        self.combined(targets, sources, target_of).map_err(self.message("merge"))
    }

    fn finalize(&self, states: &States<'_, Place>, output: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        let mut finalize = || {
            let places: Vec<&Place> = states.iter().collect();
            let (home, numbers) = settle(&places, &self.homes)?;
            let bytes_out = home.with(|accumulator| accumulator.finalize(&numbers, output))?;
            self.homes.statistics().add_batch(0, 0, bytes_out);
            Ok(())
        };
        finalize().map_err(self.message("finalize"))
    }
}
