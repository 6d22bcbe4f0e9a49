//! Results: from component values, one a row, to DuckDB's vector.

use std::borrow::Cow;

use duckpen_database::{LogicalType, OutputVector, PhysicalType, VectorError};
use wasmtime::component::Val;

use super::shape::Shape;
use super::size::held;

/// The results of a batch, row by row.
pub(crate) enum Results {
    Values(Vec<Option<Val>>),
    /// A list of bytes is a value for each byte, until it is packed.
    Blobs(Vec<Option<Vec<u8>>>),
}

impl Results {
    /// Room for the results of so many rows.
    pub(crate) fn new(shape: &Shape, rows: usize) -> Self {
        match shape {
            Shape::Blob => Self::Blobs(Vec::with_capacity(rows)),
            Shape::Optional(shape) => Self::new(shape, rows),
            _ => Self::Values(Vec::with_capacity(rows)),
        }
    }

    /// Adds the result of the next row. Returns the bytes that it holds in the host's memory.
    pub(crate) fn push(&mut self, value: Option<Val>) -> u64 {
        match self {
            Self::Values(values) => {
                let bytes = value.as_ref().map_or(0, held);
                values.push(value);
                bytes
            }
            Self::Blobs(blobs) => {
                let blob = value.as_ref().and_then(present).map(packed);
                let bytes = blob.as_ref().map_or(0, Vec::len) + size_of::<Vec<u8>>();
                blobs.push(blob);
                bytes as u64
            }
        }
    }

    /// Writes all of them. Returns the bytes written.
    ///
    /// # Errors
    /// Values that are not of the vector's type, or too many of them.
    pub(crate) fn write(&self, output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
        match self {
            Self::Values(values) => write(&values.iter().map(Option::as_ref).collect::<Vec<_>>(), output),
            Self::Blobs(blobs) => {
                output.write_validity(&bits(blobs.iter().map(Option::is_some)))?;
                write_bytes(blobs.iter().map(|blob| Ok(blob.as_deref().unwrap_or_default().into())), output)
            }
        }
    }
}

/// The bytes of a list of bytes.
fn packed(value: &Val) -> Vec<u8> {
    let Val::List(list) = value else { return Vec::new() };
    let byte = |value: &Val| if let Val::U8(byte) = value { Some(*byte) } else { None };
    list.iter().filter_map(byte).collect()
}

/// Writes a value or NULL for each row. Returns the bytes written.
///
/// # Errors
/// Values that are not of the vector's type, or too many of them.
fn write(rows: &[Option<&Val>], output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
    let values: Vec<Option<&Val>> = rows.iter().map(|row| row.and_then(present)).collect();
    let validity = bits(values.iter().map(Option::is_some));
    macro_rules! numbers {
        ($write:ident($case:ident) $($validity:ident)?) => {{
            let numbers = column(&values, output, |value| match value {
                Val::$case(number) => Some(*number),
                _ => None,
            })?;
            output.$write(&numbers $(, Some(&$validity))?)?;
            size_of_val(numbers.as_slice()) as u64
        }};
    }
    let bytes = match output.logical_type().physical() {
        _ if matches!(output.logical_type(), LogicalType::Enum(_)) => write_cases(&values, &validity, output)?,
        PhysicalType::Bool => {
            let flags = column(&values, output, |value| match value {
                Val::Bool(flag) => Some(*flag),
                _ => None,
            })?;
            output.write_bits(&bits(flags.iter().copied()))?;
            flags.len() as u64
        }
        PhysicalType::Signed(1) => numbers!(write_fixed(S8) validity),
        PhysicalType::Signed(2) => numbers!(write_fixed(S16) validity),
        PhysicalType::Signed(4) => numbers!(write_fixed(S32) validity),
        PhysicalType::Signed(_) => numbers!(write_fixed(S64) validity),
        PhysicalType::Unsigned(1) => numbers!(write_fixed(U8) validity),
        PhysicalType::Unsigned(2) => numbers!(write_fixed(U16) validity),
        PhysicalType::Unsigned(4) => numbers!(write_fixed(U32) validity),
        PhysicalType::Unsigned(_) => numbers!(write_fixed(U64) validity),
        PhysicalType::Float32 => numbers!(write_floats(Float32)),
        PhysicalType::Float64 => numbers!(write_floats(Float64)),
        PhysicalType::Bytes => {
            let kind = output.logical_type().clone();
            write_bytes(values.iter().map(|value| bytes_of(*value, &kind)), output)?
        }
        PhysicalType::List => write_lists(&values, output)?,
        PhysicalType::Struct => write_structs(&values, output)?,
        PhysicalType::Words128 | PhysicalType::Array(_) => return Err(wrong(output)),
    };
    output.write_validity(&validity)?;
    Ok(bytes)
}

/// The value inside of an option.
fn present(value: &Val) -> Option<&Val> {
    match value {
        Val::Option(value) => value.as_deref(),
        value => Some(value),
    }
}

fn wrong(output: &OutputVector<'_>) -> VectorError {
    VectorError::WrongType(output.logical_type().clone())
}

fn column<T: Copy + Default>(
    values: &[Option<&Val>],
    output: &OutputVector<'_>,
    of: impl Fn(&Val) -> Option<T>,
) -> Result<Vec<T>, VectorError> {
    values.iter().map(|value| value.map_or(Ok(T::default()), |value| of(value).ok_or_else(|| wrong(output)))).collect()
}

/// The number of each case among the names of an ENUM.
fn write_cases(values: &[Option<&Val>], validity: &[u8], output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
    let LogicalType::Enum(names) = output.logical_type() else { return Err(wrong(output)) };
    let numbers = column(values, output, |value| match value {
        Val::Enum(case) | Val::Variant(case, None) => Some(names.iter().position(|name| name == case)? as u32),
        _ => None,
    })?;
    let width = match output.logical_type().physical() {
        PhysicalType::Unsigned(1) => {
            output.write_fixed(&numbers.iter().map(|number| *number as u8).collect::<Vec<_>>(), Some(validity))?;
            1
        }
        PhysicalType::Unsigned(2) => {
            output.write_fixed(&numbers.iter().map(|number| *number as u16).collect::<Vec<_>>(), Some(validity))?;
            2
        }
        _ => {
            output.write_fixed(&numbers, Some(validity))?;
            4
        }
    };
    Ok(numbers.len() as u64 * width)
}

/// The bytes of a text, a character or a list of bytes; none of NULL.
fn bytes_of<'v>(value: Option<&'v Val>, kind: &LogicalType) -> Result<Cow<'v, [u8]>, VectorError> {
    match value {
        None => Ok(Cow::default()),
        Some(Val::String(text)) => Ok(text.as_bytes().into()),
        Some(Val::Char(character)) => Ok(character.to_string().into_bytes().into()),
        Some(value @ Val::List(_)) => Ok(packed(value).into()),
        Some(_) => Err(VectorError::WrongType(kind.clone())),
    }
}

fn write_bytes<'v>(
    rows: impl Iterator<Item = Result<Cow<'v, [u8]>, VectorError>>,
    output: &mut OutputVector<'_>,
) -> Result<u64, VectorError> {
    let mut bytes = Vec::new();
    let mut offsets = vec![0];
    for row in rows {
        bytes.extend_from_slice(&row?);
        offsets.push(u32::try_from(bytes.len()).map_err(|_| VectorError::TooLarge)?);
    }
    output.write_bytes(&offsets, &bytes, None)?;
    Ok(bytes.len() as u64)
}

/// Lists, and flags as lists of their names.
fn write_lists(values: &[Option<&Val>], output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
    let mut elements = Vec::new();
    let mut offsets = Vec::with_capacity(values.len() + 1);
    offsets.push(0);
    for value in values {
        match value {
            None => {}
            Some(Val::List(list)) => elements.extend(list.iter().map(Cow::Borrowed)),
            Some(Val::Flags(names)) => elements.extend(names.iter().cloned().map(Val::String).map(Cow::Owned)),
            Some(_) => return Err(wrong(output)),
        }
        offsets.push(u32::try_from(elements.len()).map_err(|_| VectorError::TooLarge)?);
    }
    let elements: Vec<Option<&Val>> = elements.iter().map(|element| Some(&**element)).collect();
    let written = write(&elements, &mut output.write_lists(&offsets, elements.len())?)?;
    Ok(written + size_of_val(offsets.as_slice()) as u64)
}

/// Records and tuples, field by field.
fn write_structs(values: &[Option<&Val>], output: &mut OutputVector<'_>) -> Result<u64, VectorError> {
    let mut written = 0;
    for index in 0..output.logical_type().fields().len() {
        let field: Vec<Option<&Val>> = values.iter().map(|value| value.and_then(|value| part(value, index))).collect();
        written += write(&field, &mut output.field(index)?)?;
    }
    Ok(written)
}

fn part(value: &Val, index: usize) -> Option<&Val> {
    match value {
        Val::Record(fields) => fields.get(index).map(|(_, value)| value),
        Val::Tuple(parts) => parts.get(index),
        _ => None,
    }
}

pub(super) fn bits(flags: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bits = Vec::new();
    for (row, flag) in flags.enumerate() {
        if row % 8 == 0 {
            bits.push(0);
        }
        if let Some(byte) = bits.last_mut() {
            *byte |= u8::from(flag) << (row % 8);
        }
    }
    bits
}
