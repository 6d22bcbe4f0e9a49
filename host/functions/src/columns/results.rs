//! Results: from a guest's memory to DuckDB's vector. Nothing in them is trusted.

use duckpen_database::{LogicalType, OutputVector, VectorError};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, WasmList};

use super::arguments::flip_sign;

/// A column as it lies in the guest's memory while the guest waits in `results.emit`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct EmittedColumn {
    root: EmittedNode,
    children: WasmList<EmittedNode>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct EmittedNode {
    rows: u32,
    values: EmittedValues,
    validity: Option<WasmList<u8>>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct EmittedBytes {
    pub(crate) offsets: WasmList<u32>,
    pub(crate) bytes: WasmList<u8>,
}

/// Lists are looked at where they lie. Of floating-point numbers wasmtime lends no view, so they are copied once more.
#[derive(ComponentType, Lift)]
#[component(variant)]
#[expect(dead_code, reason = "nested values are part of the contract, and no result has them yet")]
pub(crate) enum EmittedValues {
    #[component(name = "bits")]
    Bits(WasmList<u8>),
    #[component(name = "int8")]
    Int8(WasmList<i8>),
    #[component(name = "int16")]
    Int16(WasmList<i16>),
    #[component(name = "int32")]
    Int32(WasmList<i32>),
    #[component(name = "int64")]
    Int64(WasmList<i64>),
    #[component(name = "uint8")]
    Uint8(WasmList<u8>),
    #[component(name = "uint16")]
    Uint16(WasmList<u16>),
    #[component(name = "uint32")]
    Uint32(WasmList<u32>),
    #[component(name = "uint64")]
    Uint64(WasmList<u64>),
    #[component(name = "float32")]
    Float32(Vec<f32>),
    #[component(name = "float64")]
    Float64(Vec<f64>),
    #[component(name = "words128")]
    Words128(WasmList<u64>),
    #[component(name = "bytes")]
    Bytes(EmittedBytes),
    #[component(name = "list-offsets")]
    ListOffsets(WasmList<u32>),
    #[component(name = "fixed-list")]
    FixedList(u32),
    #[component(name = "struct-of")]
    StructOf(u32),
}

impl EmittedColumn {
    /// How many rows the guest says there are.
    pub(crate) fn rows(&self) -> u32 {
        self.root.rows
    }

    /// Checks the column and copies it to `output`. Returns the bytes copied.
    pub(crate) fn write<T: 'static>(
        &self,
        store: &StoreContextMut<'_, T>,
        output: &mut OutputVector<'_>,
    ) -> Result<u64, VectorError> {
        let root = &self.root;
        if root.rows as usize != output.rows() {
            return Err(VectorError::WrongRows { expected: output.rows(), actual: root.rows as usize });
        }
        let kind = output.logical_type();
        if self.children.len() != 0 {
            return Err(VectorError::WrongType(kind));
        }
        let validity = root.validity.as_ref().map(|validity| validity.as_le_slice(store));
        let bytes = match &root.values {
            EmittedValues::Bits(bits) => {
                let bits = bits.as_le_slice(store);
                output.write_bits(bits)?;
                bits.len()
            }
            EmittedValues::Int8(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Int16(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Int32(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Int64(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Uint8(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Uint16(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Uint32(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Uint64(values) => fixed(values.as_le_slice(store), validity, output)?,
            EmittedValues::Float32(values) => {
                output.write_floats(values)?;
                size_of_val(values.as_slice())
            }
            EmittedValues::Float64(values) => {
                output.write_floats(values)?;
                size_of_val(values.as_slice())
            }
            EmittedValues::Words128(words) => {
                let words = words.as_le_slice(store);
                if kind == LogicalType::Uuid {
                    let mut copy = words.to_vec();
                    flip_sign(&mut copy, None);
                    output.write_words(&copy, validity)?;
                } else {
                    output.write_words(words, validity)?;
                }
                size_of_val(words)
            }
            EmittedValues::Bytes(EmittedBytes { offsets, bytes }) => {
                let (offsets, bytes) = (offsets.as_le_slice(store), bytes.as_le_slice(store));
                output.write_bytes(offsets, bytes)?;
                size_of_val(offsets) + bytes.len()
            }
            EmittedValues::ListOffsets(_) | EmittedValues::FixedList(_) | EmittedValues::StructOf(_) => {
                return Err(VectorError::WrongType(kind));
            }
        };
        if let Some(validity) = validity {
            output.write_validity(validity)?;
        }
        Ok((bytes + validity.map_or(0, <[u8]>::len)) as u64)
    }
}

fn fixed<N: duckpen_database::FixedWidth + Into<i128>>(
    values: &[N],
    validity: Option<&[u8]>,
    output: &mut OutputVector<'_>,
) -> Result<usize, VectorError> {
    output.write_fixed(values, validity)?;
    Ok(size_of_val(values))
}
