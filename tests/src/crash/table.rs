//! The table of faults: what was done to the host, and what came of it.

use std::fmt;
use std::ops::AddAssign;

/// The counts of one fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Row {
    /// How often it was done.
    pub faults: usize,
    /// The recordings that were posted.
    pub posted: usize,
    /// Those that were answered 202.
    pub accepted: usize,
    /// Those whose result was received at least once.
    pub called_back: usize,
    /// Those whose result was received more than once.
    pub delivered_twice: usize,
    /// Those that are kept as dead letters.
    pub dead: usize,
    /// Those that were accepted, and of which nothing came.
    pub lost: usize,
    /// Those of which results were received that differ.
    pub differing: usize,
}

/// All faults, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, Row)>,
}

impl Table {
    /// Adds a fault's counts to those that it has.
    pub fn add(&mut self, fault: &str, row: Row) {
        match self.rows.iter_mut().find(|(name, _)| name == fault) {
            Some((_, sum)) => *sum += row,
            None => self.rows.push((fault.to_owned(), row)),
        }
    }

    /// The counts of a fault.
    #[must_use]
    pub fn row(&self, fault: &str) -> Row {
        let found = self.rows.iter().find(|(name, _)| name == fault);
        found.map_or_else(Row::default, |(_, row)| *row)
    }

    /// The counts of all faults together.
    #[must_use]
    pub fn sum(&self) -> Row {
        let mut sum = Row::default();
        self.rows.iter().for_each(|(_, row)| sum += *row);
        sum
    }
}

impl AddAssign for Row {
    fn add_assign(&mut self, other: Self) {
        let Self {
            faults,
            posted,
            accepted,
            called_back,
            delivered_twice,
            dead,
            lost,
            differing,
        } = other;
        self.faults += faults;
        self.posted += posted;
        self.accepted += accepted;
        self.called_back += called_back;
        self.delivered_twice += delivered_twice;
        self.dead += dead;
        self.lost += lost;
        self.differing += differing;
    }
}

impl Row {
    fn cells(self) -> [usize; 8] {
        let Self {
            faults,
            posted,
            accepted,
            called_back,
            delivered_twice,
            dead,
            lost,
            differing,
        } = self;
        [
            faults,
            posted,
            accepted,
            called_back,
            delivered_twice,
            dead,
            lost,
            differing,
        ]
    }
}

/// The heads of the columns, and with them their widths.
const COLUMNS: [&str; 8] = [
    "times",
    "posted",
    "accepted",
    "called back",
    "delivered twice",
    "dead letters",
    "lost",
    "differing",
];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.rows.iter().map(|(name, row)| (name.as_str(), *row));
        let all: Vec<_> = all.chain([("together", self.sum())]).collect();
        let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        writeln!(f, "| {:width$} | {} |", "fault", COLUMNS.join(" | "))?;
        for (name, row) in all {
            write!(f, "| {name:width$} |")?;
            for (column, cell) in COLUMNS.iter().zip(row.cells()) {
                write!(f, " {cell:>0$} |", column.len())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
