//! Which jobs are claimed: those of one add-on, or those of all but some, so that one with
//! many jobs is never in the way of another, nor in the way of finding the other's.

use super::State;
use super::engine::Statement;
use crate::protocol::sid::AddOnSid;

/// What every add-on's SID comes after.
const BEFORE_ALL: &str = "XB";
/// What every add-on's SID comes before.
const AFTER_ALL: &str = "XC";

/// Which jobs to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Those that are so far.
    pub state: State,
    whose: Whose,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Whose {
    /// Those of this add-on.
    Of(AddOnSid),
    /// Those of all but these, which are in order.
    Others(Vec<AddOnSid>),
}

impl Pick {
    /// The jobs of an add-on that are so far.
    #[must_use]
    pub fn of(state: State, add_on: AddOnSid) -> Self {
        let whose = Whose::Of(add_on);
        Self { state, whose }
    }

    /// The jobs of all add-ons but these that are so far.
    #[must_use]
    pub fn others(state: State, than: &[AddOnSid]) -> Self {
        let mut than = than.to_vec();
        than.sort();
        than.dedup();
        let whose = Whose::Others(than);
        Self { state, whose }
    }

    /// The add-on, where it is one.
    #[must_use]
    pub fn add_on(&self) -> Option<AddOnSid> {
        match &self.whose {
            Whose::Of(add_on) => Some(*add_on),
            Whose::Others(_) => None,
        }
    }

    /// Where they are looked for, and on which condition. The parameters in it have numbers
    /// from `first` on.
    ///
    /// Others lie in the gaps between those that are not wanted: an index leads there,
    /// however many jobs those have.
    pub(super) fn place(&self, first: usize) -> String {
        let Whose::Others(than) = &self.whose else {
            return format!("jackfield_jobs WHERE add_on = ${first}");
        };
        let gaps = (first..=first + than.len()).map(|n| format!("(${n}, ${})", n + 1));
        let gaps: Vec<_> = gaps.collect();
        format!(
            "(VALUES {}) AS gap CROSS JOIN jackfield_jobs
            WHERE add_on > gap.column1 AND add_on < gap.column2",
            gaps.join(", ")
        )
    }

    /// Binds the parameters.
    pub(super) fn bind(&self, statement: Statement) -> Statement {
        match &self.whose {
            Whose::Of(add_on) => statement.bind(add_on.to_string()),
            Whose::Others(than) => {
                let than = than.iter().map(ToString::to_string);
                let statement = than.fold(statement.bind(BEFORE_ALL), Statement::bind);
                statement.bind(AFTER_ALL)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_in_the_gaps_between_those_that_are_not_wanted() {
        let add_on = |digit: char| {
            let digits = digit.to_string().repeat(32);
            format!("XB{digits}").parse::<AddOnSid>().unwrap()
        };
        let gaps = |than: &[AddOnSid]| {
            let place = Pick::others(State::Accepted, than).place(5);
            place.split(" AS gap").next().map(str::to_owned).unwrap()
        };
        assert_eq!(gaps(&[]), "(VALUES ($5, $6))");
        let [one, two] = [add_on('1'), add_on('2')];
        assert_eq!(gaps(&[one]), "(VALUES ($5, $6), ($6, $7))");
        assert_eq!(
            gaps(&[two, one, two]),
            "(VALUES ($5, $6), ($6, $7), ($7, $8))"
        );
        assert!(BEFORE_ALL < one.as_str() && AFTER_ALL > add_on('f').as_str());
    }
}
