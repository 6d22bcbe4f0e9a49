//! The aggregate of `examples/web_orders`, registered through DuckDB's C API as a native extension would.

use duckpen_database::{
    Aggregate, AggregateFunction, AggregateSignature, CallbackError, Chunk, LogicalType, NullHandling, OutputVector,
    Session, States,
};

/// Registers `weighted_mean_native(value, weight)`.
pub fn register_weighted_mean(session: &Session) {
    let function = WeightedMean(AggregateSignature {
        name: "weighted_mean_native".to_owned(),
        parameters: vec![LogicalType::BigInt; 2],
        returns: LogicalType::Double,
        nulls: NullHandling::Propagate,
    });
    let function = Aggregate::new(function).expect("the name is one");
    session.register_aggregates(vec![function]).expect("the name is free");
}

struct WeightedMean(AggregateSignature);

/// A sum of products, and one of weights.
type Sums = [i64; 2];

impl AggregateFunction for WeightedMean {
    type State = Sums;

    fn signature(&self) -> &AggregateSignature {
        &self.0
    }

    fn init(&self) -> Sums {
        [0; 2]
    }

    fn update(&self, states: &mut States<'_, Sums>, of_row: &[u32], input: &Chunk<'_>) -> Result<(), CallbackError> {
        let [values, weights] = input.vectors() else { return Err(CallbackError("two arguments are expected".into())) };
        let values = values.fixed::<i64>().unwrap_or_default();
        let weights = weights.fixed::<i64>().unwrap_or_default();
        for ((group, value), weight) in of_row.iter().zip(values).zip(weights) {
            let [total, sum] = states.get_mut(*group as usize);
            *total = total.wrapping_add(value.wrapping_mul(*weight));
            *sum = sum.wrapping_add(*weight);
        }
        Ok(())
    }

    fn combine(
        &self,
        targets: &mut States<'_, Sums>,
        sources: &States<'_, Sums>,
        target_of: &[u32],
    ) -> Result<(), CallbackError> {
        for (source, target) in sources.iter().zip(target_of) {
            let target = targets.get_mut(*target as usize);
            target.iter_mut().zip(source).for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
        }
        Ok(())
    }

    fn finalize(&self, states: &States<'_, Sums>, output: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        let averages: Vec<f64> = states.iter().map(|[total, weight]| *total as f64 / *weight as f64).collect();
        output.write_floats(&averages).map_err(|error| CallbackError(error.to_string()))
    }
}
