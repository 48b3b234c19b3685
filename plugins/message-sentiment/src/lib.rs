//! The sentiment and the language of a message: an example provider.
//!
//! A lexicon and rules (VADER) judge English; for other languages the answer says
//! that it is not judged. All tables are made when the crate is built.

mod codes;
mod language;
mod lexicon;
mod opinion;
mod rules;
mod score;
mod tokens;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

use crate::opinion::Opinion;

/// The provider.
#[derive(Debug)]
pub struct MessageSentiment;

impl Lookup for MessageSentiment {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let body = request.body.ok_or_else(body_missing)?;
        if body.trim().is_empty() {
            return Err(body_empty());
        }
        Ok(Answer::json(Opinion::of(&body))?)
    }
}

jackfield_sdk::provider!(MessageSentiment);

fn body_missing() -> Refusal {
    Refusal::caller_error("body_missing", "this add-on needs the body of a message")
}

fn body_empty() -> Refusal {
    Refusal::no_result("body_empty", "the message has no text to judge")
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::RefusalKind;

    use super::*;

    fn lookup(body: &str) -> Result<Answer, Refusal> {
        MessageSentiment::lookup(Request::incoming_sms("+15005550006").body(body))
    }

    #[test]
    fn an_english_message_is_judged() {
        assert_eq!(
            lookup("Thank you so much, the plumber was brilliant!")
                .unwrap()
                .json,
            r#"{"sentiment":"positive","score":0.76,"language":{"code":"en","confidence":0.98},"truncated":false}"#
        );
    }

    #[test]
    fn another_language_is_named_and_not_judged() {
        assert_eq!(
            lookup("Il servizio è stato pessimo").unwrap().json,
            r#"{"sentiment":null,"score":null,"reason":"language_not_covered","language":{"code":"it","confidence":1.0},"truncated":false}"#
        );
    }

    #[test]
    fn a_request_without_a_message_is_the_callers_error() {
        let refusal = MessageSentiment::lookup(Request::lookup("+15005550006")).unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::CallerError);
        assert_eq!(refusal.code, "body_missing");
    }

    #[test]
    fn an_empty_message_has_no_result() {
        for body in ["", " \n\t"] {
            let refusal = lookup(body).unwrap_err();
            assert_eq!(refusal.kind, RefusalKind::NoResult);
            assert_eq!(refusal.code, "body_empty");
        }
    }
}
