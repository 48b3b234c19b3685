//! Reads a recording to its end, and reports exactly as many bytes as the field `mb`, in
//! millions, or `bytes` asks for. By the field `shape` they are one `text` (which they are
//! by default), `numbers`, or `rows`.

use std::io::{self, Write};

use jackfield_sdk::{Analyst, AudioReader, Recording, Refusal, ReportWriter, Reported};

struct Big;

impl Analyst for Big {
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal> {
        let Some(length) = length(recording) else {
            return Err(Refusal::caller_error(
                "length_missing",
                "how long is not said",
            ));
        };
        let read = io::copy(audio, &mut io::sink()).unwrap_or(0);
        let written = write(report, length, read, field(recording, "shape"));
        written.map_err(|_| Refusal::caller_error("length_short", "that is too short"))?;
        Ok(Reported::new())
    }
}

jackfield_sdk::analyst!(Big);

fn field<'a>(recording: &'a Recording, name: &str) -> Option<&'a str> {
    let mut fields = recording.fields.iter();
    let field = fields.find(|(field, _)| field == name);
    field.map(|(_, value)| value.as_str())
}

fn length(recording: &Recording) -> Option<usize> {
    let number = |name| field(recording, name)?.parse::<usize>().ok();
    let millions = number("mb").map(|millions| millions * 1_000_000);
    millions.or_else(|| number("bytes"))
}

fn write(
    report: &mut ReportWriter<'_>,
    length: usize,
    read: u64,
    shape: Option<&str>,
) -> io::Result<()> {
    let head = format!("{{\"read\":{read},\"it\":");
    let (begin, unit, last, end) = match shape {
        Some("numbers") => ("[", "-1.25e3,", "0", "]}"),
        Some("rows") => ("[", "{\"at\":[1,2],\"text\":\"\\u00e9\"},\n", "{}", "]}"),
        _ => ("\"", "word ", "", "\"}"),
    };
    let around = head.len() + begin.len() + last.len() + end.len();
    let body = length
        .checked_sub(around)
        .ok_or(io::ErrorKind::InvalidInput)?;
    report.write_all(head.as_bytes())?;
    report.write_all(begin.as_bytes())?;
    for _ in 0..body / unit.len() {
        report.write_all(unit.as_bytes())?;
    }
    report.write_all(last.as_bytes())?;
    report.write_all(end.as_bytes())?;
    // Spaces after an object are a part of it.
    report.write_all(&vec![b' '; body % unit.len()])
}
