//! As much of protobuf's wire format as the metadata uses: variable-length
//! integers and length-delimited bytes.

/// The fields of one message, in the order in which they came.
pub(crate) struct Message<'a> {
    fields: Vec<(u64, Value<'a>)>,
}

enum Value<'a> {
    Integer(u64),
    Bytes(&'a [u8]),
}

/// Why bytes are not a message of this kind.
pub(crate) type Malformed = &'static str;

impl<'a> Message<'a> {
    pub(crate) fn decode(mut bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = integer(&mut bytes)?;
            let value = match key & 7 {
                0 => Value::Integer(integer(&mut bytes)?),
                2 => Value::Bytes(delimited(&mut bytes)?),
                _ => return Err("a field is neither an integer nor bytes"),
            };
            fields.push((key >> 3, value));
        }
        Ok(Self { fields })
    }

    /// Every message under a field's number.
    pub(crate) fn messages(&self, number: u64) -> Result<Vec<Message<'a>>, Malformed> {
        self.bytes(number).map(Message::decode).collect()
    }

    /// Every text under a field's number.
    pub(crate) fn texts(&self, number: u64) -> Result<Vec<&'a str>, Malformed> {
        let texts = self.bytes(number).map(|bytes| str::from_utf8(bytes));
        texts
            .collect::<Result<_, _>>()
            .map_err(|_| "a text is not UTF-8")
    }

    /// The last text under a field's number, as protobuf has it.
    pub(crate) fn text(&self, number: u64) -> Result<Option<&'a str>, Malformed> {
        Ok(self.texts(number)?.pop())
    }

    /// Every integer under a field's number; negative ones are two's complement.
    pub(crate) fn integers(&self, number: u64) -> impl Iterator<Item = i64> {
        self.fields
            .iter()
            .filter_map(move |(found, value)| match value {
                Value::Integer(integer) if *found == number => Some(integer.cast_signed()),
                _ => None,
            })
    }

    /// Whether a flag is set.
    pub(crate) fn flag(&self, number: u64) -> bool {
        self.integers(number).last() == Some(1)
    }

    fn bytes(&self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter_map(move |(found, value)| match value {
                Value::Bytes(bytes) if *found == number => Some(*bytes),
                _ => None,
            })
    }
}

fn integer(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut integer = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("an integer is cut off")?;
        *bytes = rest;
        integer |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(integer);
        }
    }
    Err("an integer is longer than 64 bits")
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(integer(bytes)?).map_err(|_| "a length is too large")?;
    let (value, rest) = bytes.split_at_checked(length).ok_or("a value is cut off")?;
    *bytes = rest;
    Ok(value)
}
