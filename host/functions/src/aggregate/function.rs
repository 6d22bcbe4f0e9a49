//! An aggregate function of a component, as DuckDB sees it.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use duckpen_database::{
    AggregateFunction, AggregateSignature, CallbackError, Chunk, OutputVector, States, VectorError,
};
use duckpen_sandbox::{Stopped, Template};

use super::aggregator::Aggregator;
use super::buffer::{Shape, StateBuffer};
use super::pool::{Lease, Pool};
use super::reduce::Reduction;
use super::store::Store;
use crate::declaration::InitialState;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::{StateBudget, Statistics};

/// What is known of the function, whatever its states are kept in.
pub(crate) struct GuestAggregate {
    pub(crate) signature: AggregateSignature,
    /// The function's number in what `describe` returned.
    pub(crate) index: u32,
    pub(crate) template: Template<FunctionHost>,
    pub(crate) statistics: Arc<Statistics>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) initial: InitialState,
}

impl GuestAggregate {
    /// The function with its states kept in places of this kind.
    pub(crate) fn storing<S: Store>(&self) -> Storing<S> {
        let (shape, initial) = match &self.initial {
            InitialState::Fixed(bytes) => (Shape::Fixed(bytes.len()), Arc::clone(bytes)),
            InitialState::Variable(bytes) => (Shape::Variable, Arc::clone(bytes)),
        };
        Storing {
            signature: self.signature.clone(),
            index: self.index,
            template: self.template.clone(),
            statistics: Arc::clone(&self.statistics),
            pool: Arc::clone(&self.pool),
            shape,
            initial,
            store: PhantomData,
        }
    }
}

/// An aggregate whose states are kept in `S`.
pub(crate) struct Storing<S> {
    signature: AggregateSignature,
    index: u32,
    template: Template<FunctionHost>,
    statistics: Arc<Statistics>,
    pool: Arc<Pool>,
    shape: Shape,
    initial: Arc<[u8]>,
    store: PhantomData<fn() -> S>,
}

impl<S: Store> Storing<S> {
    fn instance(&self) -> Result<Lease<'_>, CallError> {
        self.pool.take(self.index, || {
            let host = FunctionHost::new(self.template.component().name().into());
            let instance = self.template.instantiate(host, Arc::clone(&self.statistics) as _)?;
            Aggregator::open(instance, self.index, self.signature.parameters.len())
        })
    }

    fn budget(&self) -> StateBudget<'_> {
        StateBudget { statistics: &self.statistics, limit: self.template.limits().state_bytes }
    }

    fn gathered(&self, states: &States<'_, S>) -> Result<StateBuffer, VectorError> {
        let mut buffer = StateBuffer::new(self.shape);
        states.iter().try_for_each(|state| buffer.push_with(|bytes| state.append_to(&self.initial, bytes)))?;
        Ok(buffer)
    }

    /// Puts states where they belong.
    fn scatter<'a>(
        &self,
        states: &mut States<'_, S>,
        new: impl Iterator<Item = (usize, &'a [u8])>,
    ) -> Result<(), CallError> {
        let budget = self.budget();
        for (group, state) in new {
            states.get_mut(group).set(state, &budget).map_err(Stopped::Limit)?;
        }
        Ok(())
    }

    fn message(&self, call: &'static str) -> impl FnOnce(CallError) -> CallbackError {
        move |error| error.message_in(&self.signature.name, self.template.component().name(), call)
    }
}

impl<S: Store> AggregateFunction for Storing<S> {
    type State = S;

    fn signature(&self) -> &AggregateSignature {
        &self.signature
    }

    fn init(&self) -> S {
        S::initial(&self.initial)
    }

    fn update(&self, states: &mut States<'_, S>, of_row: &[u32], input: &Chunk<'_>) -> Result<(), CallbackError> {
        let mut update = || {
            let began = Instant::now();
            let groups = self.gathered(states)?;
            self.statistics.add_boundary_time(began.elapsed());
            let (new, bytes_in) = self.instance()?.update(&groups, of_row, input, StateBuffer::new(self.shape))?;
            let began = Instant::now();
            self.scatter(states, (0..new.len()).map(|group| (group, new.get(group))))?;
            self.statistics.add_boundary_time(began.elapsed());
            self.statistics.add_batch(input.rows() as u64, bytes_in + groups.bytes(), new.bytes());
            Ok(())
        };
        update().map_err(self.message("update"))
    }

    fn combine(
        &self,
        targets: &mut States<'_, S>,
        sources: &States<'_, S>,
        target_of: &[u32],
    ) -> Result<(), CallbackError> {
        let mut combine = || {
            let bytes = |state| S::bytes(state, &self.initial);
            let mut reduction = Reduction::new(
                self.shape,
                &self.initial,
                targets.iter().map(bytes),
                sources.iter().map(bytes),
                target_of,
            )?;
            while let Some((left, right)) = reduction.next_pairs()? {
                let merged = self.instance()?.merge(&left, &right, StateBuffer::new(self.shape))?;
                self.statistics.add_batch(0, left.bytes() + right.bytes(), merged.bytes());
                reduction.merged(merged);
            }
            self.scatter(targets, reduction.results())
        };
        combine().map_err(self.message("merge"))
    }

    fn finalize(&self, states: &States<'_, S>, output: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        let mut finalize = || {
            let groups = self.gathered(states)?;
            let bytes_out = self.instance()?.finalize(&groups, output)?;
            self.statistics.add_batch(0, groups.bytes(), bytes_out);
            Ok(())
        };
        finalize().map_err(self.message("finalize"))
    }
}
