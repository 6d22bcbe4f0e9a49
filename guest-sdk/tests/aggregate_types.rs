//! Aggregates as the host calls them: states, rows taken into them, and results made of them.
#![cfg(feature = "functions")]

extern crate duckpen_guest as duckpen;

use duckpen::State;
use duckpen::functions::aggregate::Aggregate;
use duckpen::functions::contract::{Argument, Values};
use duckpen::functions::declaration::Nulls;
use duckpen::functions::results::{Results, flat_column};

#[derive(Default, Clone, State, Debug, PartialEq)]
struct WeightedSum {
    total: i64,
    rows: u32,
}

/// Values times their weights; a NULL weighs 1.
#[duckpen::aggregate]
impl WeightedSum {
    fn step(&mut self, value: i64, weight: Option<i64>) -> Result<(), String> {
        self.total = self.total.checked_add(value * weight.unwrap_or(1)).ok_or("too large")?;
        self.rows += 1;
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.rows += other.rows;
    }

    fn finish(&self) -> Option<i64> {
        (self.rows > 0).then_some(self.total)
    }
}

fn argument(values: Vec<i64>, validity: Option<Vec<u8>>) -> Argument {
    Argument::Vector(flat_column(values.len(), Values::Int64(values), validity))
}

/// 70 rows: more than two blocks. Every value is 1, every weight 2; some are NULL.
fn arguments() -> [Argument; 2] {
    let mut of_values = vec![u8::MAX; 9];
    of_values[0] = 0b1111_0000;
    let mut of_weights = vec![u8::MAX; 9];
    of_weights[8] = 0;
    [argument(vec![1; 70], Some(of_values)), argument(vec![2; 70], Some(of_weights))]
}

#[test]
fn an_aggregate_says_what_it_is() {
    assert_eq!((WeightedSum::NAME, WeightedSum::SIZE), ("weighted_sum", Some(12)));
    assert_eq!(WeightedSum::DOC, Some("Values times their weights; a NULL weighs 1."));
    assert!(matches!(WeightedSum::NULLS, Nulls::Called));
    assert_eq!(WeightedSum::parameters(), [("value", "BIGINT".into()), ("weight", "BIGINT".into())]);
}

#[test]
fn rows_go_to_their_groups_whether_there_is_one_or_there_are_many() {
    // Four rows have no value, six no weight.
    let mut one = [WeightedSum::default()];
    WeightedSum::steps(&mut one, &[0; 70], &arguments(), 70).unwrap();
    assert_eq!(one, [WeightedSum { total: 60 * 2 + 6, rows: 66 }]);

    let mut many = vec![WeightedSum::default(); 3];
    let of_row: Vec<u32> = (0..70).map(|row| row % 3).collect();
    WeightedSum::steps(&mut many, &of_row, &arguments(), 70).unwrap();
    let [first, second, third] = &many[..] else { panic!("three groups") };
    assert_eq!((first.rows, second.rows, third.rows), (22, 22, 22));
    assert_eq!(first.total + second.total + third.total, one[0].total);
}

#[test]
fn results_are_in_the_order_of_the_groups() {
    let states = (0..40).map(|index| WeightedSum { total: index, rows: (index % 2) as u32 });
    let mut results = Results::<i64>::default();
    results.begin(40);
    WeightedSum::results(states.collect::<Vec<_>>().into_iter(), &mut results).unwrap();
    let column = results.finish();
    let Values::Int64(values) = &column.root.values else { panic!("BIGINT") };
    assert_eq!((values.len(), values[1], values[39]), (40, 1, 39));
    assert_eq!(column.root.validity.as_deref(), Some(&[0b1010_1010; 5][..]));
}

#[test]
fn an_error_of_a_step_names_its_row() {
    let mut states = [WeightedSum { total: i64::MAX - 35, rows: 0 }];
    let arguments = [argument(vec![1; 40], None), argument(vec![1; 40], None)];
    let error = WeightedSum::steps(&mut states, &[0; 40], &arguments, 40).unwrap_err();
    let failure = duckpen::functions::contract::Failure::from(error);
    assert_eq!((failure.message.as_str(), failure.row), ("too large", Some(35)));
}
