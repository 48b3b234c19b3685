//! One JSON object that comes in pieces, checked while it comes: nothing of it is kept but
//! where it is, so that it may be far larger than what the check takes.

use super::JsonError;
use super::number::Number;
use super::text::Text;

/// The check of one JSON object, nested no deeper than it may be, and nothing else. What it
/// accepts is what [`check_object`](super::check_object) accepts of the whole.
#[derive(Debug)]
pub struct ObjectCheck {
    most: u8,
    /// The objects and arrays that are open, at most `most`.
    open: Vec<Container>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// What was read last, and so what may come.
#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing yet.
    Before,
    /// The beginning of an object: a key, or its end.
    Object,
    /// The beginning of an array: a value, or its end.
    Array,
    /// The comma in an object: a key.
    Key,
    /// A key: the colon.
    Colon,
    /// What stands before a value that has to come.
    Value,
    /// A value: a comma, or the end of what it is in.
    After,
    /// A part of `true`, `false` or `null`: the rest.
    Word(&'static [u8]),
    Number(Number),
    Text(Text, Role),
    /// The whole object.
    Done,
    /// What cannot go on to an object.
    Broken(JsonError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    Value,
}

impl ObjectCheck {
    /// A check of an object whose objects and arrays may be nested so deep.
    #[must_use]
    pub fn new(most: u8) -> Self {
        Self {
            most,
            open: Vec::new(),
            state: State::Before,
        }
    }

    /// Goes on with the next bytes, which may end anywhere, within a character too.
    ///
    /// # Errors
    /// Where they cannot go on to one object. From then on nothing can.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), JsonError> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let State::Text(text, _) = &self.state
                && text.is_plain()
            {
                let plain = Text::plain(bytes);
                if plain > 0 {
                    bytes = &bytes[plain..];
                    continue;
                }
            }
            bytes = rest;
            match self.after(byte) {
                Ok(state) => self.state = state,
                Err(error) => {
                    self.state = State::Broken(error);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// Where what came is not a whole object.
    pub fn finish(self) -> Result<(), JsonError> {
        match self.state {
            State::Done => Ok(()),
            State::Before => Err(JsonError::NotAnObject),
            State::Broken(error) => Err(error),
            _ => Err(self.malformed()),
        }
    }

    fn malformed(&self) -> JsonError {
        JsonError::Malformed(self.most)
    }

    fn after(&mut self, byte: u8) -> Result<State, JsonError> {
        let malformed = self.malformed();
        match self.state {
            State::Text(text, role) => text.after(byte).map_or(Err(malformed), |text| {
                Ok(match (text, role) {
                    (Some(text), role) => State::Text(text, role),
                    (None, Role::Key) => State::Colon,
                    (None, Role::Value) => State::After,
                })
            }),
            State::Word(rest) => match rest.split_first() {
                Some((due, rest)) if *due == byte => Ok(word(rest)),
                _ => Err(malformed),
            },
            State::Number(number) => match number.after(byte) {
                Some(number) => Ok(State::Number(number)),
                None if !number.is_sound() => Err(malformed),
                None => self.between(State::After, byte),
            },
            between => self.between(between, byte),
        }
    }

    /// Outside of texts, words and numbers.
    fn between(&mut self, state: State, byte: u8) -> Result<State, JsonError> {
        match (state, byte) {
            (State::Broken(error), _) => Err(error),
            (state, b' ' | b'\t' | b'\n' | b'\r') => Ok(state),
            (State::Before, b'{') => self.begin(Container::Object),
            (State::Before, b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                Err(JsonError::NotAnObject)
            }
            (State::Object | State::Key, b'"') => Ok(State::Text(Text::START, Role::Key)),
            (State::Object, b'}') => self.end(Container::Object),
            (State::Array, b']') => self.end(Container::Array),
            (State::Colon, b':') => Ok(State::Value),
            (State::Value | State::Array, byte) => self.value(byte),
            (State::After, b',') => match self.open.last() {
                Some(Container::Object) => Ok(State::Key),
                _ => Ok(State::Value),
            },
            (State::After, b'}') => self.end(Container::Object),
            (State::After, b']') => self.end(Container::Array),
            _ => Err(self.malformed()),
        }
    }

    fn value(&mut self, byte: u8) -> Result<State, JsonError> {
        match byte {
            b'{' => self.begin(Container::Object),
            b'[' => self.begin(Container::Array),
            b'"' => Ok(State::Text(Text::START, Role::Value)),
            b't' => Ok(State::Word(b"rue")),
            b'f' => Ok(State::Word(b"alse")),
            b'n' => Ok(State::Word(b"ull")),
            byte => match Number::begin(byte) {
                Some(number) => Ok(State::Number(number)),
                None => Err(self.malformed()),
            },
        }
    }

    fn begin(&mut self, container: Container) -> Result<State, JsonError> {
        if self.open.len() >= usize::from(self.most) {
            return Err(self.malformed());
        }
        self.open.push(container);
        Ok(match container {
            Container::Object => State::Object,
            Container::Array => State::Array,
        })
    }

    fn end(&mut self, container: Container) -> Result<State, JsonError> {
        match self.open.pop() {
            Some(open) if open == container => Ok(match self.open.is_empty() {
                true => State::Done,
                false => State::After,
            }),
            _ => Err(self.malformed()),
        }
    }
}

fn word(rest: &'static [u8]) -> State {
    match rest {
        [] => State::After,
        rest => State::Word(rest),
    }
}

#[cfg(test)]
mod tests;
