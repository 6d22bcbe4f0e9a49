//! Arguments: from DuckDB's vectors to what is lowered into a guest.
//!
//! Numbers without NULLs are lent as they lie. What has to be changed on the way (NULL slots zeroed, booleans packed,
//! strings gathered) goes through buffers that are kept from batch to batch.

use duckpen_database::{Chunk, InputVector, LogicalType, PhysicalType, VectorCopy, VectorError};

use crate::bindings::VarData;
use crate::bindings::duckpen::columns::columns::{Argument, Column, Node, Values};

/// The buffers of one argument.
#[derive(Default)]
pub(crate) struct ArgumentBuffer {
    numbers: Numbers,
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    /// Lists that do not lie one behind the other.
    lists: VectorCopy,
    /// The parts of a nested value.
    children: Vec<Child>,
}

/// The buffers of a child, and which of its rows are NULL because of their parent.
#[derive(Default)]
struct Child {
    buffer: ArgumentBuffer,
    nulls: Vec<u8>,
}

/// A copy of a column's numbers, where one was needed.
#[derive(Default)]
enum Numbers {
    #[default]
    None,
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// Lends the numbers of a vector as they lie, or a copy in which the slots of NULL rows are zero: they hold anything, the
/// data of another tenant perhaps.
macro_rules! numbers {
    ($buffer:expr, $vector:expr, $kind:ty, $slot:ident, $case:ident) => {{
        let values = $vector.fixed::<$kind>().unwrap_or_default();
        match $vector.validity() {
            None => Values::$case(values),
            Some(validity) => {
                if !matches!($buffer.numbers, Numbers::$slot(_)) {
                    $buffer.numbers = Numbers::$slot(Vec::new());
                }
                match &mut $buffer.numbers {
                    Numbers::$slot(copy) => {
                        copy_valid(values, 1, validity, copy);
                        Values::$case(copy)
                    }
                    _ => Values::$case(&[]),
                }
            }
        }
    }};
}

/// Whether a vector is passed as it lies: numbers, none of them NULL.
pub(crate) fn is_lent(vector: &InputVector<'_>) -> bool {
    let is_number = matches!(
        vector.logical_type().physical(),
        PhysicalType::Signed(_) | PhysicalType::Unsigned(_) | PhysicalType::Float32 | PhysicalType::Float64
    );
    is_number && vector.validity().is_none()
}

impl ArgumentBuffer {
    /// The column that stands for `vector`, borrowing from it or from this buffer. `children` is room for its children.
    pub(crate) fn column<'a>(
        &'a mut self,
        vector: &InputVector<'a>,
        children: &'a mut Vec<Node<'a>>,
    ) -> Result<Column<'a>, VectorError> {
        let root = self.node(vector, children)?;
        Ok(Column { root, children })
    }

    /// One node; those below it are put behind `descendants`.
    fn node<'a>(
        &'a mut self,
        vector: &InputVector<'a>,
        descendants: &mut Vec<Node<'a>>,
    ) -> Result<Node<'a>, VectorError> {
        let (rows, validity) = (vector.rows() as u32, vector.validity());
        let values = match vector.logical_type().physical() {
            PhysicalType::Bool => {
                pack(vector.bools().unwrap_or_default(), validity, &mut self.bytes);
                Values::Bits(&self.bytes)
            }
            PhysicalType::Signed(1) => numbers!(self, vector, i8, I8, Int8),
            PhysicalType::Signed(2) => numbers!(self, vector, i16, I16, Int16),
            PhysicalType::Signed(4) => numbers!(self, vector, i32, I32, Int32),
            PhysicalType::Signed(_) => numbers!(self, vector, i64, I64, Int64),
            PhysicalType::Unsigned(1) => numbers!(self, vector, u8, U8, Uint8),
            PhysicalType::Unsigned(2) => numbers!(self, vector, u16, U16, Uint16),
            PhysicalType::Unsigned(4) => numbers!(self, vector, u32, U32, Uint32),
            PhysicalType::Unsigned(_) => numbers!(self, vector, u64, U64, Uint64),
            PhysicalType::Float32 => numbers!(self, vector, f32, F32, Float32),
            PhysicalType::Float64 => numbers!(self, vector, f64, F64, Float64),
            PhysicalType::Words128 => self.words(vector),
            PhysicalType::Bytes => {
                if let Some(rows) = vector.strings() {
                    rows.gather(&mut self.offsets, &mut self.bytes)?;
                }
                Values::Bytes(VarData { offsets: &self.offsets, bytes: &self.bytes })
            }
            PhysicalType::List => {
                let [Child { buffer, .. }] = children(&mut self.children, 1) else { return Err(wrong(vector)) };
                let elements = vector.list_elements(&mut self.offsets, &mut self.lists)?;
                buffer.child(&elements, descendants)?;
                Values::ListOffsets(&self.offsets)
            }
            PhysicalType::Array(size) => {
                let [Child { buffer, nulls }] = children(&mut self.children, 1) else { return Err(wrong(vector)) };
                buffer.child(&vector.array_elements(nulls)?, descendants)?;
                Values::FixedList(size)
            }
            PhysicalType::Struct => {
                let fields = vector.logical_type().fields().len();
                for (index, Child { buffer, nulls }) in children(&mut self.children, fields).iter_mut().enumerate() {
                    buffer.child(&vector.field(index, nulls)?, descendants)?;
                }
                Values::StructOf(fields as u32)
            }
        };
        Ok(Node { rows, values, validity })
    }

    /// Puts a child, and what is below it, behind `descendants`.
    fn child<'a>(&'a mut self, vector: &InputVector<'a>, descendants: &mut Vec<Node<'a>>) -> Result<(), VectorError> {
        let place = descendants.len();
        descendants.push(Node { rows: 0, values: Values::StructOf(0), validity: None });
        descendants[place] = self.node(vector, descendants)?;
        Ok(())
    }

    fn words<'a>(&'a mut self, vector: &InputVector<'a>) -> Values<'a> {
        let words = vector.words().unwrap_or_default();
        let uuid = *vector.logical_type() == LogicalType::Uuid;
        if vector.validity().is_none() && !uuid {
            return Values::Words128(words);
        }
        if !matches!(self.numbers, Numbers::U64(_)) {
            self.numbers = Numbers::U64(Vec::new());
        }
        let Numbers::U64(copy) = &mut self.numbers else { return Values::Words128(&[]) };
        match vector.validity() {
            Some(validity) => copy_valid(words, 2, validity, copy),
            None => {
                copy.clear();
                copy.extend_from_slice(words);
            }
        }
        if uuid {
            flip_sign(copy, vector.validity());
        }
        Values::Words128(copy)
    }
}

/// The buffers of so many children.
fn children(buffers: &mut Vec<Child>, count: usize) -> &mut [Child] {
    buffers.resize_with(count, Child::default);
    buffers
}

fn wrong(vector: &InputVector<'_>) -> VectorError {
    VectorError::WrongType(vector.logical_type().clone())
}

/// The buffers of the arguments of a call none of which is known to be constant.
pub(crate) struct ArgumentBuffers(Vec<ArgumentBuffer>);

impl ArgumentBuffers {
    pub(crate) fn new(arity: usize) -> Self {
        Self((0..arity).map(|_| ArgumentBuffer::default()).collect())
    }

    /// The arguments of a batch, and their bytes. `nodes` is [`room`] for their children.
    pub(crate) fn lend<'a>(
        &'a mut self,
        input: &Chunk<'a>,
        nodes: &'a mut [Vec<Node<'a>>],
    ) -> Result<(Vec<Argument<'a>>, u64), VectorError> {
        let mut bytes = 0;
        let mut arguments = Vec::with_capacity(self.0.len());
        for ((vector, buffer), nodes) in input.vectors().iter().zip(&mut self.0).zip(nodes) {
            let column = buffer.column(vector, nodes)?;
            bytes += column_bytes(&column);
            arguments.push(Argument::Vector(column));
        }
        Ok((arguments, bytes))
    }
}

/// Room for the children of so many arguments.
pub(crate) fn room<'a>(arguments: usize) -> Vec<Vec<Node<'a>>> {
    (0..arguments).map(|_| Vec::new()).collect()
}

/// The bytes a column brings into a guest.
pub(crate) fn column_bytes(column: &Column<'_>) -> u64 {
    node_bytes(&column.root) + column.children.iter().map(node_bytes).sum::<u64>()
}

fn node_bytes(node: &Node<'_>) -> u64 {
    let validity = node.validity.map_or(0, <[u8]>::len);
    let values = match &node.values {
        Values::Bits(values) => values.len(),
        Values::Int8(values) => values.len(),
        Values::Int16(values) => size_of_val(*values),
        Values::Int32(values) => size_of_val(*values),
        Values::Int64(values) => size_of_val(*values),
        Values::Uint8(values) => values.len(),
        Values::Uint16(values) => size_of_val(*values),
        Values::Uint32(values) | Values::ListOffsets(values) => size_of_val(*values),
        Values::Uint64(values) | Values::Words128(values) => size_of_val(*values),
        Values::Float32(values) => size_of_val(*values),
        Values::Float64(values) => size_of_val(*values),
        Values::Bytes(VarData { offsets, bytes }) => size_of_val(*offsets) + bytes.len(),
        Values::FixedList(_) | Values::StructOf(_) => 0,
    };
    (validity + values) as u64
}

fn is_valid(validity: &[u8], row: usize) -> bool {
    validity[row / 8] >> (row % 8) & 1 == 1
}

/// Copies values, `width` of them a row, and zeros for the rows that are NULL.
fn copy_valid<T: Copy + Default>(values: &[T], width: usize, validity: &[u8], copy: &mut Vec<T>) {
    copy.clear();
    copy.reserve(values.len());
    for (group, bits) in values.chunks(8 * width).zip(validity) {
        match bits {
            0xFF => copy.extend_from_slice(group),
            _ => {
                for (row, value) in group.chunks(width).enumerate() {
                    if bits >> row & 1 == 1 {
                        copy.extend_from_slice(value);
                    } else {
                        copy.resize(copy.len() + width, T::default());
                    }
                }
            }
        }
    }
}

/// Packs booleans, one byte each, into bits; NULL rows become 0.
fn pack(values: &[u8], validity: Option<&[u8]>, bits: &mut Vec<u8>) {
    bits.clear();
    for (index, group) in values.chunks(8).enumerate() {
        let packed = group.iter().enumerate().fold(0, |byte, (row, value)| byte | (value & 1) << row);
        bits.push(packed & validity.map_or(0xFF, |validity| validity[index]));
    }
}

/// DuckDB keeps a UUID as a signed number whose order is that of the text, so its highest bit is the other way round.
pub(crate) fn flip_sign(words: &mut [u64], validity: Option<&[u8]>) {
    for (row, pair) in words.chunks_exact_mut(2).enumerate() {
        if validity.is_none_or(|validity| is_valid(validity, row)) {
            pair[1] ^= 1 << 63;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_null_rows_are_zero() {
        let values: Vec<i64> = (1..=19).collect();
        let validity = [0xFF, 0b0101_0101, 0b0000_0110];
        let mut copy = vec![9; 3];
        copy_valid(&values, 1, &validity, &mut copy);
        assert_eq!(copy, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 11, 0, 13, 0, 15, 0, 0, 18, 19]);
        let pairs: Vec<u64> = (1..=6).collect();
        let mut copy = Vec::new();
        copy_valid(&pairs, 2, &[0b101], &mut copy);
        assert_eq!(copy, [1, 2, 0, 0, 5, 6]);
    }

    #[test]
    fn booleans_are_packed_least_significant_first() {
        let mut bits = Vec::new();
        pack(&[1, 0, 1, 1, 0, 0, 0, 0, 1], None, &mut bits);
        assert_eq!(bits, [0b0000_1101, 1]);
        pack(&[1, 1, 255], Some(&[0b101]), &mut bits);
        assert_eq!(bits, [0b101]);
    }
}
