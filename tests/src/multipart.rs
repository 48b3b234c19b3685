//! Multipart bodies, written part by part as HTTP clients write them, or as none should.

use bytes::Bytes;

use crate::body::Body;

/// A body that is being written.
#[derive(Debug, Clone)]
pub struct Multipart {
    boundary: String,
    body: Body,
}

impl Multipart {
    /// One whose parts are held apart by this boundary.
    #[must_use]
    pub fn new(boundary: &str) -> Self {
        Self {
            boundary: boundary.to_owned(),
            body: Body::default(),
        }
    }

    /// The content type that announces it.
    #[must_use]
    pub fn content_type(&self) -> String {
        // A boundary with one of these signs has to be quoted.
        match self
            .boundary
            .contains(['(', ')', ',', '/', ':', '=', '?', ' '])
        {
            true => format!("multipart/form-data; boundary=\"{}\"", self.boundary),
            false => format!("multipart/form-data; boundary={}", self.boundary),
        }
    }

    /// Adds a text field.
    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        let head = format!("content-disposition: form-data; name=\"{name}\"\r\n");
        self.part(&head, Bytes::from(value.to_owned()))
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, content: impl Into<Body>) -> Self {
        let head = format!(
            "content-disposition: form-data; name=\"{name}\"; filename=\"recording.wav\"\r\n\
             content-type: audio/x-wav\r\n"
        );
        self.part(&head, content)
    }

    /// Adds a part with these headers, each of which ends its own line.
    #[must_use]
    pub fn part(mut self, head: &str, content: impl Into<Body>) -> Self {
        self.body.hold(format!("--{}\r\n{head}\r\n", self.boundary));
        self.body.append(content.into());
        self.body.hold("\r\n");
        self
    }

    /// Adds bytes that belong to no part.
    #[must_use]
    pub fn raw(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body.hold(bytes);
        self
    }

    /// Ends it as it has to end.
    #[must_use]
    pub fn end(self) -> Body {
        let last = format!("--{}--\r\n", self.boundary);
        self.raw(last).torn()
    }

    /// Leaves it without an end.
    #[must_use]
    pub fn torn(self) -> Body {
        self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_between_their_boundaries() {
        let form = Multipart::new("X").field("a", "1").file("b", "audio");
        assert_eq!(form.content_type(), "multipart/form-data; boundary=X");
        let whole: Vec<u8> = form.end().parts().flatten().collect();
        assert_eq!(
            String::from_utf8(whole).unwrap(),
            "--X\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --X\r\ncontent-disposition: form-data; name=\"b\"; filename=\"recording.wav\"\r\n\
             content-type: audio/x-wav\r\n\r\naudio\r\n--X--\r\n"
        );
    }

    #[test]
    fn an_odd_boundary_is_quoted() {
        let shown = Multipart::new("a=?b").content_type();
        assert_eq!(shown, "multipart/form-data; boundary=\"a=?b\"");
    }
}
