//! Arguments: from DuckDB's vectors, row by row, to component values.

use duckpen_database::{FixedWidth, InputVector, VectorCopy, VectorError};
use wasmtime::component::Val;

use super::shape::{CaseValue, Shape};

/// What an argument's nested vectors need besides themselves.
#[derive(Default)]
pub(crate) struct Buffers {
    offsets: Vec<u32>,
    copy: VectorCopy,
    /// Of each field.
    nulls: Vec<Vec<u8>>,
    children: Vec<Buffers>,
}

/// An argument of a batch, ready to be read row by row.
pub(crate) struct Argument<'a> {
    vector: InputVector<'a>,
    parts: Parts<'a>,
}

/// What the values of a nested vector consist of.
enum Parts<'a> {
    None,
    /// Where the elements of each row end, beginning with 0, and all elements.
    Elements(&'a [u32], Box<Argument<'a>>),
    Fields(Vec<Argument<'a>>),
}

impl Buffers {
    /// The argument in a vector of this shape.
    ///
    /// # Errors
    /// A vector of another type, or lists of too many elements.
    pub(crate) fn argument<'a>(
        &'a mut self,
        shape: &Shape,
        vector: &InputVector<'a>,
    ) -> Result<Argument<'a>, VectorError> {
        let parts = match shape {
            Shape::Optional(shape) => return self.argument(shape, vector),
            Shape::List(element) => self.elements(element, vector)?,
            Shape::Flags(_) => self.elements(&Shape::Text, vector)?,
            Shape::Record(fields) => self.fields(fields.iter().map(|(_, shape)| shape), vector)?,
            Shape::Tuple(parts) => self.fields(parts.iter(), vector)?,
            _ => Parts::None,
        };
        Ok(Argument { vector: vector.clone(), parts })
    }

    fn elements<'a>(&'a mut self, shape: &Shape, vector: &InputVector<'a>) -> Result<Parts<'a>, VectorError> {
        let Self { offsets, copy, children, .. } = self;
        let elements = vector.list_elements(offsets, copy)?;
        children.resize_with(1, Self::default);
        let element = children[0].argument(shape, &elements)?;
        Ok(Parts::Elements(offsets, Box::new(element)))
    }

    fn fields<'a, 's>(
        &'a mut self,
        shapes: impl ExactSizeIterator<Item = &'s Shape>,
        vector: &InputVector<'a>,
    ) -> Result<Parts<'a>, VectorError> {
        let Self { nulls, children, .. } = self;
        nulls.resize_with(shapes.len(), Vec::new);
        children.resize_with(shapes.len(), Self::default);
        let buffers = nulls.iter_mut().zip(children);
        let fields = shapes.zip(buffers).enumerate().map(|(index, (shape, (nulls, buffers)))| {
            let field = vector.field(index, nulls)?;
            buffers.argument(shape, &field)
        });
        Ok(Parts::Fields(fields.collect::<Result<_, VectorError>>()?))
    }
}

impl Argument<'_> {
    /// The value of a row; none where it is NULL and the shape has no value for that.
    ///
    /// # Errors
    /// When SQL's type is wider than WIT's and the value is not one of WIT's: what is expected instead.
    pub(crate) fn lower(&self, shape: &Shape, row: usize) -> Result<Option<Val>, String> {
        if let Shape::Optional(shape) = shape {
            return Ok(Some(Val::Option(self.lower(shape, row)?.map(Box::new))));
        }
        let vector = &self.vector;
        if !vector.is_valid(row) {
            return Ok(None);
        }
        let value = match shape {
            Shape::Bool => vector.bools().and_then(|values| values.get(row)).map(|value| Val::Bool(value & 1 == 1)),
            Shape::S8 => number(vector, row).map(Val::S8),
            Shape::S16 => number(vector, row).map(Val::S16),
            Shape::S32 => number(vector, row).map(Val::S32),
            Shape::S64 => number(vector, row).map(Val::S64),
            Shape::U8 => number(vector, row).map(Val::U8),
            Shape::U16 => number(vector, row).map(Val::U16),
            Shape::U32 => number(vector, row).map(Val::U32),
            Shape::U64 => number(vector, row).map(Val::U64),
            Shape::F32 => number(vector, row).map(Val::Float32),
            Shape::F64 => number(vector, row).map(Val::Float64),
            Shape::Char => text(vector, row).map(|text| character(&text)).transpose()?,
            Shape::Text => text(vector, row).map(Val::String),
            Shape::Blob => bytes(vector, row).map(|bytes| Val::List(bytes.iter().copied().map(Val::U8).collect())),
            Shape::Cases(cases, value) => text(vector, row).map(|text| case(text, cases, *value)).transpose()?,
            Shape::Flags(names) => Some(Val::Flags(self.flags(names, row)?)),
            Shape::List(element) => Some(Val::List(self.list(element, row)?)),
            Shape::Record(fields) => Some(Val::Record(self.record(fields, row)?)),
            Shape::Tuple(parts) => Some(Val::Tuple(self.tuple(parts, row)?)),
            Shape::Optional(_) => None,
        };
        // DuckDB converts arguments to the types that were declared.
        value.map(Some).ok_or_else(|| format!("is not the {} that was declared", vector.logical_type()))
    }

    fn list(&self, shape: &Shape, row: usize) -> Result<Vec<Val>, String> {
        let Parts::Elements(offsets, elements) = &self.parts else { return Ok(Vec::new()) };
        (offsets[row]..offsets[row + 1]).map(|element| elements.inner(shape, element as usize)).collect()
    }

    fn flags(&self, names: &[String], row: usize) -> Result<Vec<String>, String> {
        let flag = |value| match value {
            Val::String(flag) if names.contains(&flag) => Ok(flag),
            _ => Err(format!("takes the flags {}", names.join(", "))),
        };
        self.list(&Shape::Text, row)?.into_iter().map(flag).collect()
    }

    fn record(&self, shapes: &[(String, Shape)], row: usize) -> Result<Vec<(String, Val)>, String> {
        let Parts::Fields(fields) = &self.parts else { return Ok(Vec::new()) };
        let field = |(field, (name, shape)): (&Self, &(String, Shape))| Ok((name.clone(), field.inner(shape, row)?));
        fields.iter().zip(shapes).map(field).collect()
    }

    fn tuple(&self, shapes: &[Shape], row: usize) -> Result<Vec<Val>, String> {
        let Parts::Fields(fields) = &self.parts else { return Ok(Vec::new()) };
        fields.iter().zip(shapes).map(|(field, shape)| field.inner(shape, row)).collect()
    }

    /// A value inside of another, where NULL cannot be passed over.
    fn inner(&self, shape: &Shape, row: usize) -> Result<Val, String> {
        self.lower(shape, row)?.ok_or_else(|| "has a NULL inside, where its type has no option".to_owned())
    }
}

fn number<T: FixedWidth>(vector: &InputVector<'_>, row: usize) -> Option<T> {
    vector.fixed::<T>()?.get(row).copied()
}

fn bytes<'a>(vector: &InputVector<'a>, row: usize) -> Option<&'a [u8]> {
    vector.strings()?.get(row)
}

fn text(vector: &InputVector<'_>, row: usize) -> Option<String> {
    Some(String::from_utf8_lossy(bytes(vector, row)?).into_owned())
}

fn character(text: &str) -> Result<Val, String> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(Val::Char(character)),
        _ => Err("takes one character".into()),
    }
}

fn case(text: String, cases: &[String], value: CaseValue) -> Result<Val, String> {
    if !cases.contains(&text) {
        return Err(format!("takes one of {}", cases.join(", ")));
    }
    Ok(match value {
        CaseValue::Enum => Val::Enum(text),
        CaseValue::Variant => Val::Variant(text, None),
    })
}
