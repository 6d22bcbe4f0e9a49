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
        store: &mut StoreContextMut<'_, T>,
        output: &mut OutputVector<'_>,
    ) -> wasmtime::Result<Result<u64, VectorError>> {
        let (expected, actual) = (output.logical_type().descendants(), self.children.len());
        if actual != expected {
            return Ok(Err(match expected {
                0 => VectorError::WrongType(output.logical_type().clone()),
                _ => VectorError::WrongChildren { expected, actual },
            }));
        }
        // All at once, so that their bytes count against one limit together.
        let children: Vec<EmittedNode> = match expected {
            0 => Vec::new(),
            _ => self.children.iter(&mut *store)?.collect::<wasmtime::Result<_>>()?,
        };
        Ok(self.root.write(&mut children.iter(), store, output))
    }
}

impl EmittedNode {
    /// Checks the node and those below it, which come next in `children`, and copies them to `output`.
    fn write<'c, T: 'static>(
        &'c self,
        children: &mut impl Iterator<Item = &'c EmittedNode>,
        store: &StoreContextMut<'_, T>,
        output: &mut OutputVector<'_>,
    ) -> Result<u64, VectorError> {
        if self.rows as usize != output.rows() {
            return Err(VectorError::WrongRows { expected: output.rows(), actual: self.rows as usize });
        }
        let validity = self.validity.as_ref().map(|validity| validity.as_le_slice(store));
        let bytes = match &self.values {
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
                if *output.logical_type() == LogicalType::Uuid {
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
                output.write_bytes(offsets, bytes, validity)?;
                size_of_val(offsets) + bytes.len()
            }
            EmittedValues::ListOffsets(offsets) => {
                let offsets = offsets.as_le_slice(store);
                let child = next(children, output)?;
                let written = child.write(children, store, &mut output.write_lists(offsets, child.rows as usize)?)?;
                size_of_val(offsets) + written as usize
            }
            EmittedValues::FixedList(size) => {
                match output.logical_type() {
                    LogicalType::Array(_, expected) if expected != size => {
                        return Err(VectorError::WrongElements { expected: *expected, actual: *size });
                    }
                    _ => {}
                }
                let child = next(children, output)?;
                child.write(children, store, &mut output.array_elements()?)? as usize
            }
            EmittedValues::StructOf(actual) => {
                let (expected, actual) = (output.logical_type().fields().len(), *actual as usize);
                match output.logical_type() {
                    LogicalType::Struct(_) if actual == expected => {}
                    LogicalType::Struct(_) => return Err(VectorError::WrongFields { expected, actual }),
                    other => return Err(VectorError::WrongType(other.clone())),
                }
                let mut written = 0;
                for index in 0..expected {
                    let child = next(children, output)?;
                    written += child.write(children, store, &mut output.field(index)?)?;
                }
                written as usize
            }
        };
        if let Some(validity) = validity {
            output.write_validity(validity)?;
        }
        if matches!(output.logical_type(), LogicalType::Map(_)) {
            output.check_map()?;
        }
        Ok((bytes + validity.map_or(0, <[u8]>::len)) as u64)
    }
}

/// The next child; that there are enough of them in all was seen before, but not of which nodes they are the children.
fn next<'c>(
    children: &mut impl Iterator<Item = &'c EmittedNode>,
    output: &OutputVector<'_>,
) -> Result<&'c EmittedNode, VectorError> {
    children.next().ok_or_else(|| VectorError::WrongType(output.logical_type().clone()))
}

fn fixed<N: duckpen_database::FixedWidth + Into<i128>>(
    values: &[N],
    validity: Option<&[u8]>,
    output: &mut OutputVector<'_>,
) -> Result<usize, VectorError> {
    output.write_fixed(values, validity)?;
    Ok(size_of_val(values))
}
