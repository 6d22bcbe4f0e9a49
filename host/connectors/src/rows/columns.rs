//! Rows in columns, gathered value by value, and handed to DuckDB as one batch.

use duckpen_database::{LogicalType, OutputChunk, OutputVector, PhysicalType, VectorError};

/// Rows that are gathered before they are handed over; their memory is used again for the next ones.
pub(crate) struct RowBuffer {
    columns: Vec<ColumnBuffer>,
}

impl RowBuffer {
    pub(crate) fn new(types: impl IntoIterator<Item = LogicalType>) -> Self {
        Self { columns: types.into_iter().map(ColumnBuffer::new).collect() }
    }

    pub(crate) fn columns(&mut self) -> &mut [ColumnBuffer] {
        &mut self.columns
    }

    /// Hands over `rows` rows, which every column has, and forgets them.
    pub(crate) fn deliver(&mut self, rows: usize, output: &mut OutputChunk<'_>) -> Result<(), VectorError> {
        output.fill(rows, |index, vector| match self.columns.get_mut(index) {
            Some(column) => column.write(vector),
            None => Err(VectorError::WrongFields { expected: index + 1, actual: index }),
        })?;
        self.columns.iter_mut().for_each(ColumnBuffer::clear);
        Ok(())
    }
}

/// The values of one column.
pub(crate) struct ColumnBuffer {
    values: Values,
    /// One bit a row, least significant first; 0 where the row is NULL.
    validity: Vec<u8>,
    rows: usize,
    nulls: usize,
}

/// Values, with any value at all in the place of a NULL.
enum Values {
    Bits(Vec<u8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Words(Vec<u64>),
    Bytes { ends: Vec<u32>, bytes: Vec<u8> },
    List { ends: Vec<u32>, elements: Box<ColumnBuffer> },
}

impl ColumnBuffer {
    fn new(kind: LogicalType) -> Self {
        let values = match kind.physical() {
            PhysicalType::Bool => Values::Bits(Vec::new()),
            PhysicalType::Signed(1 | 2) => Values::I16(Vec::new()),
            PhysicalType::Signed(4) => Values::I32(Vec::new()),
            PhysicalType::Float32 => Values::F32(Vec::new()),
            PhysicalType::Float64 => Values::F64(Vec::new()),
            PhysicalType::Words128 => Values::Words(Vec::new()),
            PhysicalType::Bytes => Values::Bytes { ends: vec![0], bytes: Vec::new() },
            PhysicalType::List => {
                let element = kind.element().cloned().unwrap_or(LogicalType::Varchar);
                Values::List { ends: vec![0], elements: Box::new(Self::new(element)) }
            }
            // Connectors here have no others.
            _ => Values::I64(Vec::new()),
        };
        Self { values, validity: Vec::new(), rows: 0, nulls: 0 }
    }

    fn clear(&mut self) {
        match &mut self.values {
            Values::Bits(bits) => bits.clear(),
            Values::I16(values) => values.clear(),
            Values::I32(values) => values.clear(),
            Values::I64(values) => values.clear(),
            Values::F32(values) => values.clear(),
            Values::F64(values) => values.clear(),
            Values::Words(words) => words.clear(),
            Values::Bytes { ends, bytes } => {
                ends.truncate(1);
                bytes.clear();
            }
            Values::List { ends, elements } => {
                ends.truncate(1);
                elements.clear();
            }
        }
        self.validity.clear();
        self.rows = 0;
        self.nulls = 0;
    }

    #[inline]
    fn count(&mut self, is_valid: bool) {
        if self.rows.is_multiple_of(8) {
            self.validity.push(0);
        }
        if is_valid {
            self.validity[self.rows / 8] |= 1 << (self.rows % 8);
        } else {
            self.nulls += 1;
        }
        self.rows += 1;
    }

    pub(crate) fn push_null(&mut self) {
        match &mut self.values {
            Values::Bits(bits) => push_bit(bits, self.rows, false),
            Values::I16(values) => values.push(0),
            Values::I32(values) => values.push(0),
            Values::I64(values) => values.push(0),
            Values::F32(values) => values.push(0.0),
            Values::F64(values) => values.push(0.0),
            Values::Words(words) => words.extend([0, 0]),
            Values::Bytes { ends, bytes } => ends.push(bytes.len() as u32),
            Values::List { ends, elements } => ends.push(elements.rows as u32),
        }
        self.count(false);
    }

    pub(crate) fn push_bool(&mut self, value: bool) {
        if let Values::Bits(bits) = &mut self.values {
            push_bit(bits, self.rows, value);
        }
        self.count(true);
    }

    /// An integer, of whatever width the column has: the caller knows that it fits.
    #[inline]
    pub(crate) fn push_integer(&mut self, value: i64) {
        match &mut self.values {
            Values::I16(values) => values.push(value as i16),
            Values::I32(values) => values.push(value as i32),
            Values::I64(values) => values.push(value),
            Values::Words(words) => words.extend([value.cast_unsigned(), (value >> 63).cast_unsigned()]),
            _ => {}
        }
        self.count(true);
    }

    /// As [`push_integer`](Self::push_integer), for decimals of any width.
    pub(crate) fn push_wide(&mut self, value: i128) {
        match &mut self.values {
            Values::Words(words) => {
                words.extend([value as u64, (value >> 64) as u64]);
                self.count(true);
            }
            _ => self.push_integer(value as i64),
        }
    }

    pub(crate) fn push_words(&mut self, low: u64, high: u64) {
        if let Values::Words(words) = &mut self.values {
            words.extend([low, high]);
        }
        self.count(true);
    }

    pub(crate) fn push_float(&mut self, value: f64) {
        match &mut self.values {
            Values::F32(values) => values.push(value as f32),
            Values::F64(values) => values.push(value),
            _ => {}
        }
        self.count(true);
    }

    #[inline]
    pub(crate) fn push_bytes(&mut self, value: &[u8]) {
        if let Values::Bytes { ends, bytes } = &mut self.values {
            bytes.extend_from_slice(value);
            ends.push(bytes.len() as u32);
        }
        self.count(true);
    }

    /// A list, whose elements `write` adds to the column of all elements.
    pub(crate) fn push_list<E>(&mut self, write: impl FnOnce(&mut ColumnBuffer) -> Result<(), E>) -> Result<(), E> {
        if let Values::List { ends, elements } = &mut self.values {
            write(elements)?;
            ends.push(elements.rows as u32);
        }
        self.count(true);
        Ok(())
    }

    fn write(&self, vector: &mut OutputVector<'_>) -> Result<(), VectorError> {
        let validity = (self.nulls > 0).then_some(self.validity.as_slice());
        match &self.values {
            Values::Bits(bits) => vector.write_bits(bits)?,
            Values::I16(values) => vector.write_fixed(values, validity)?,
            Values::I32(values) => vector.write_fixed(values, validity)?,
            Values::I64(values) => vector.write_fixed(values, validity)?,
            Values::F32(values) => vector.write_floats(values)?,
            Values::F64(values) => vector.write_floats(values)?,
            Values::Words(words) => vector.write_words(words, validity)?,
            Values::Bytes { ends, bytes } => {
                // Past 4 GiB the ends, which are then wrong, are read by nobody.
                if u32::try_from(bytes.len()).is_err() {
                    return Err(VectorError::TooLarge);
                }
                vector.write_bytes(ends, bytes, validity)?;
            }
            Values::List { ends, elements } => elements.write(&mut vector.write_lists(ends, elements.rows)?)?,
        }
        validity.map_or(Ok(()), |bits| vector.write_validity(bits))
    }
}

fn push_bit(bits: &mut Vec<u8>, row: usize, value: bool) {
    if row.is_multiple_of(8) {
        bits.push(0);
    }
    bits[row / 8] |= u8::from(value) << (row % 8);
}
