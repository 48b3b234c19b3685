//! The numbers that are asked for: those that `caller-name` knows, so that every request is
//! answered with a name.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// The numbers of a directory, in its order.
pub(super) fn read(callers: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(callers).context("no numbers to ask for")?;
    let numbers = parse(&text);
    ensure!(!numbers.is_empty(), "no numbers to ask for");
    Ok(numbers)
}

fn parse(text: &str) -> Vec<String> {
    let first = |line: &str| line.split(',').next().map(str::to_owned);
    text.lines().skip(1).filter_map(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_the_first_column() {
        let text = "number,name,type,updated\n+1500,Marigold,business,2025\n+1201,Thistle,,\n";
        assert_eq!(parse(text), ["+1500", "+1201"]);
    }
}
