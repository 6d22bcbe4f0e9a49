//! A table that is scanned by partitions, column by column.

use std::ops::Range;

use duckpen::{Batch, DynamicTable, Error, Scan, Shape};

/// The numbers below `rows`, their squares and their texts, in as many partitions as are asked for, of which every other
/// one is empty.
#[duckpen::table_function(dynamic)]
pub fn numbers(rows: i64, #[named] partitions: Option<u32>) -> Result<Numbers, Error> {
    match u64::try_from(rows) {
        Ok(rows) => Ok(Numbers { rows, partitions: partitions.unwrap_or(1) }),
        Err(_) => Err(format!("there are no {rows} numbers").into()),
    }
}

pub struct Numbers {
    rows: u64,
    partitions: u32,
}

impl DynamicTable for Numbers {
    type Scan = Part;

    fn shape(&self) -> Shape {
        Shape::new()
            .field::<u64>("number")
            .field_of("square", "DOUBLE")
            .field::<str>("text")
            .cardinality(self.rows)
            .partitions(self.partitions)
    }

    fn scan(&self, partition: u32) -> Result<Part, Error> {
        let full = u64::from(self.partitions.div_ceil(2));
        let border = |number: u64| self.rows * number / full;
        let number = u64::from(partition / 2);
        let left = if partition % 2 == 0 { border(number)..border(number + 1) } else { 0..0 };
        Ok(Part { left })
    }
}

pub struct Part {
    left: Range<u64>,
}

impl Scan for Part {
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        // A batch may be smaller than what is asked for.
        let rows = batch.most().min(1_000).min((self.left.end - self.left.start) as usize);
        let numbers = self.left.start..self.left.start + rows as u64;
        self.left.start = numbers.end;
        batch.set_rows(rows);
        for (place, field) in batch.projection().to_vec().into_iter().enumerate() {
            let numbers = numbers.clone();
            match field {
                0 => batch.column::<u64>(place).push_all(numbers),
                1 => batch.column::<f64>(place).push_all(numbers.map(|number| (number * number) as f64)),
                _ => batch.column::<str>(place).push_all(numbers.map(|number| format!("number {number}"))),
            }
        }
        Ok(())
    }
}
