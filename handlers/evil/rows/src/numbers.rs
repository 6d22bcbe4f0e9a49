//! A table that is scanned by partitions, column by column.

use std::ops::Range;

use duckpen::{Batch, DynamicTable, Error, Scan, Shape};

/// The numbers below `rows`, their squares and their texts, in as many partitions as are asked for, of which every other
/// one is empty.
#[duckpen::table_function(dynamic)]
pub fn numbers(rows: i64, #[named] partitions: Option<u32>) -> Result<Numbers, Error> {
    if rows < 0 {
        return Err(format!("there are no {rows} numbers").into());
    }
    Ok(Numbers { rows, partitions: partitions.unwrap_or(1) })
}

pub struct Numbers {
    rows: i64,
    partitions: u32,
}

impl DynamicTable for Numbers {
    type Scan = Part;

    fn shape(&self) -> Shape {
        Shape::new()
            .field::<i64>("number")
            .field_of("square", "DOUBLE")
            .field::<str>("text")
            .cardinality(self.rows as u64)
            .partitions(self.partitions)
    }

    fn scan(&self, partition: u32) -> Result<Part, Error> {
        let full = i64::from(self.partitions.div_ceil(2));
        let border = |number: i64| self.rows * number / full;
        let number = i64::from(partition / 2);
        let left = if partition.is_multiple_of(2) { border(number)..border(number + 1) } else { 0..0 };
        Ok(Part { left })
    }
}

pub struct Part {
    left: Range<i64>,
}

impl Scan for Part {
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let rows = batch.most().min((self.left.end - self.left.start) as usize);
        let numbers = self.left.start..self.left.start + rows as i64;
        self.left.start = numbers.end;
        batch.set_rows(rows);
        for (place, field) in batch.projection().to_vec().into_iter().enumerate() {
            let numbers = numbers.clone();
            match field {
                0 => batch.column::<i64>(place).push_all(numbers),
                1 => batch.column::<f64>(place).push_all(numbers.map(|number| (number * number) as f64)),
                _ => batch.column::<str>(place).push_all(numbers.map(|number| format!("number {number}"))),
            }
        }
        Ok(())
    }
}
