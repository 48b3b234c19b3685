//! The tables on the terminal.

use comfy_table::{CellAlignment, ColumnConstraint, Table, Width, presets};

use super::number;
use crate::figure::Figure;
use crate::spread::Spread;
use crate::suite::{Results, Row, Sample};

/// The figures that count, and their goals.
pub(super) fn figures(figures: &[Figure]) -> Table {
    let mut table = table(&["figure", "value", "goal", "met"]);
    for figure in figures {
        table.add_row([
            figure.name.clone(),
            number::value(figure),
            number::goal(figure),
            number::met(figure).to_owned(),
        ]);
    }
    table
}

/// What each contender did.
pub(super) fn rows(results: &Results) -> Table {
    let mut table = table(&[
        "who",
        "answers a second",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "answers",
        "instances",
    ]);
    for row in &results.rows {
        table.add_row(cells(row));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(super) fn cells(row: &Row) -> Vec<String> {
    let samples = || row.rounds.iter().flatten();
    let median = |of: fn(&Sample) -> f64| {
        let spread = Spread::of(samples().map(of));
        spread.map_or_else(String::new, |it| number::short(it.median))
    };
    let rate = Spread::of(samples().map(|it| it.rate));
    let instances: Option<u64> = samples().map(|it| it.instances).sum();
    vec![
        row.name.clone(),
        rate.as_ref()
            .map_or_else(|| "failed".into(), number::spread),
        median(|it| it.p50_micros),
        median(|it| it.p99_micros),
        median(|it| it.p999_micros),
        samples().map(|it| it.answers).sum::<u64>().to_string(),
        instances.map_or_else(String::new, |it| it.to_string()),
    ]
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_header(header.to_vec());
    let first = table.column_mut(0);
    if let Some(first) = first {
        first.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(70)));
    }
    table
}
