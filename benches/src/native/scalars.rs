//! The functions of `benches/functions`, registered through DuckDB's C API as a native extension would. What they compute
//! is the same Rust code; around it is the loop that the author of an extension would write.

use std::sync::Arc;

use duckpen_database::{
    BindArguments, CallbackError, Chunk, InputVector, LogicalType, NullHandling, OutputVector, ScalarFunction,
    ScalarSignature, Session, Stability, VectorError,
};

/// Registers every function of `benches/functions` under its name with `_native` behind it.
pub fn register_native(session: &Session) {
    use LogicalType::{BigInt, Boolean, Date, Decimal, UBigInt, Varchar};
    let functions = vec![
        Native::new("arithmetic", &[BigInt, BigInt], BigInt, |input, buffers, output| {
            buffers.integers(pairs(input)?.map(|(x, y)| bench_functions::arithmetic(x, y)), output)
        }),
        Native::new("upper_case", &[Varchar], Varchar, |input, buffers, output| {
            buffers.texts(texts(input)?.map(str::to_ascii_uppercase), output)
        }),
        Native::new("hash_of", &[Varchar], UBigInt, |input, buffers, output| {
            buffers.unsigned(texts(input)?.map(bench_functions::hash_of), output)
        }),
        Native::new("month_start", &[Date], Date, |input, buffers, output| {
            buffers.days(input.vectors()[0].fixed().unwrap_or_default(), output)
        }),
        Native::new("is_reference", &[Varchar], Boolean, |input, buffers, output| {
            buffers.flags(texts(input)?.map(bench_functions::is_reference), output)
        }),
        Native::new("json_number", &[Varchar], BigInt, |input, buffers, output| {
            buffers.options(texts(input)?.map(bench_functions::json_number), output)
        }),
        Native::new("tax", &[Decimal(18, 2)], Decimal(18, 2), |input, buffers, output| {
            let amounts: &[i64] = input.vectors()[0].fixed().unwrap_or_default();
            buffers.integers(amounts.iter().map(|amount| bench_functions::tax_of(*amount)), output)
        }),
        Native::new("first_of", &[BigInt, BigInt], BigInt, |input, buffers, output| {
            let [x, y] = input.vectors() else { return Err(VectorError::WrongType(BigInt)) };
            let (xs, ys) = (nullable(x), nullable(y));
            buffers.options(xs.zip(ys).map(|(x, y)| bench_functions::first_of(x, y)), output)
        })
        .called_on_null(),
        Native::new("at_most", &[BigInt, BigInt], BigInt, |input, buffers, output| {
            buffers.integers(pairs(input)?.map(|(x, bound)| bench_functions::at_most(x, bound)), output)
        }),
        Native::new("class_of", &[BigInt, BigInt], BigInt, |input, buffers, output| {
            buffers.integers(pairs(input)?.map(|(x, y)| bench_functions::class_of(x, y)), output)
        }),
    ];
    session.register_scalars(functions).expect("the names are free");
}

/// Two columns of BIGINT, side by side.
fn pairs<'a>(input: &'a Chunk<'_>) -> Result<impl Iterator<Item = (i64, i64)> + 'a, VectorError> {
    let [x, y] = input.vectors() else { return Err(VectorError::WrongType(LogicalType::BigInt)) };
    let (x, y) = (x.fixed().unwrap_or_default(), y.fixed().unwrap_or_default());
    Ok(x.iter().copied().zip(y.iter().copied()))
}

/// A column of BIGINT that may be NULL.
fn nullable<'a>(vector: &'a InputVector<'_>) -> impl Iterator<Item = Option<i64>> + 'a {
    let values: &[i64] = vector.fixed().unwrap_or_default();
    values.iter().enumerate().map(|(row, value)| vector.is_valid(row).then_some(*value))
}

/// A column of VARCHAR; NULL is empty.
fn texts<'a>(input: &'a Chunk<'_>) -> Result<impl Iterator<Item = &'a str>, VectorError> {
    let texts = input.vectors()[0].strings().ok_or(VectorError::WrongType(LogicalType::Varchar))?;
    Ok((0..input.rows()).map(move |row| str::from_utf8(texts.get(row).unwrap_or_default()).unwrap_or_default()))
}

type Compute = fn(&Chunk<'_>, &mut Buffers, &mut OutputVector<'_>) -> Result<(), VectorError>;

/// A native function.
struct Native {
    signature: ScalarSignature,
    compute: Compute,
}

impl Native {
    fn new(name: &str, parameters: &[LogicalType], returns: LogicalType, compute: Compute) -> Self {
        let signature = ScalarSignature {
            name: format!("{name}_native"),
            parameters: parameters.to_vec(),
            varargs: None,
            returns,
            nulls: NullHandling::Propagate,
            stability: Stability::Consistent,
        };
        Self { signature, compute }
    }

    fn called_on_null(mut self) -> Self {
        self.signature.nulls = NullHandling::CalledOnNull;
        self
    }
}

impl ScalarFunction for Native {
    type Bound = ();
    type Local = Buffers;

    fn signature(&self) -> &ScalarSignature {
        &self.signature
    }

    fn bind(&self, _: &BindArguments) -> Result<(), CallbackError> {
        Ok(())
    }

    fn open(&self, _: &Arc<()>) -> Result<Buffers, CallbackError> {
        Ok(Buffers::default())
    }

    fn evaluate(
        &self,
        (): &(),
        buffers: &mut Buffers,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        (self.compute)(input, buffers, output).map_err(|error| CallbackError(error.to_string()))
    }
}

/// Results on their way to DuckDB's vector. Kept from batch to batch.
#[derive(Default)]
struct Buffers {
    integers: Vec<i64>,
    unsigned: Vec<u64>,
    days: Vec<i32>,
    bits: Vec<u8>,
    offsets: Vec<u32>,
    bytes: Vec<u8>,
}

impl Buffers {
    fn integers(
        &mut self,
        values: impl Iterator<Item = i64>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), VectorError> {
        self.integers.clear();
        self.integers.extend(values);
        output.write_fixed(&self.integers, None)
    }

    fn unsigned(
        &mut self,
        values: impl Iterator<Item = u64>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), VectorError> {
        self.unsigned.clear();
        self.unsigned.extend(values);
        output.write_fixed(&self.unsigned, None)
    }

    fn days(&mut self, days: &[i32], output: &mut OutputVector<'_>) -> Result<(), VectorError> {
        self.days.clear();
        self.days.extend(days.iter().map(|day| bench_functions::month_start_of(*day)));
        output.write_fixed(&self.days, None)
    }

    fn flags(&mut self, flags: impl Iterator<Item = bool>, output: &mut OutputVector<'_>) -> Result<(), VectorError> {
        self.pack(flags);
        output.write_bits(&self.bits)
    }

    fn options(
        &mut self,
        values: impl Iterator<Item = Option<i64>>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), VectorError> {
        let mut results = std::mem::take(&mut self.integers);
        results.clear();
        self.pack(values.map(|value| {
            results.push(value.unwrap_or_default());
            value.is_some()
        }));
        self.integers = results;
        output.write_fixed(&self.integers, None)?;
        output.write_validity(&self.bits)
    }

    fn texts(&mut self, texts: impl Iterator<Item = String>, output: &mut OutputVector<'_>) -> Result<(), VectorError> {
        self.offsets.clear();
        self.bytes.clear();
        self.offsets.push(0);
        for text in texts {
            self.bytes.extend_from_slice(text.as_bytes());
            self.offsets.push(self.bytes.len() as u32);
        }
        output.write_bytes(&self.offsets, &self.bytes, None)
    }

    fn pack(&mut self, flags: impl Iterator<Item = bool>) {
        self.bits.clear();
        for (row, flag) in flags.enumerate() {
            if row % 8 == 0 {
                self.bits.push(0);
            }
            if let Some(last) = self.bits.last_mut() {
                *last |= u8::from(flag) << (row % 8);
            }
        }
    }
}
