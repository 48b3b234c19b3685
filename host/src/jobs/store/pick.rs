//! Which jobs are claimed: those of one add-on, or those of all but some, so that one with
//! many jobs is never in the way of another, nor in the way of finding the other's.

use super::State;
use super::engine::{Statement, any_of};
use crate::protocol::sid::AddOnSid;

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

    /// The condition on `add_on`, whose parameters have numbers from `first` on.
    ///
    /// Others are looked for in the gaps between those that are not wanted: an index leads
    /// there, however many jobs those have.
    pub(super) fn condition(&self, first: usize) -> String {
        let last = match &self.whose {
            Whose::Of(_) => return format!("add_on = ${first}"),
            Whose::Others(than) if than.is_empty() => return "TRUE".to_owned(),
            Whose::Others(than) => first + than.len() - 1,
        };
        let between = |n: usize| format!("add_on > ${n} AND add_on < ${}", n + 1);
        let mut gaps = vec![format!("add_on < ${first}")];
        gaps.extend((first..last).map(between));
        gaps.push(format!("add_on > ${last}"));
        any_of(&gaps)
    }

    /// Binds the condition's parameters.
    pub(super) fn bind(&self, statement: Statement) -> Statement {
        let add_ons = match &self.whose {
            Whose::Of(add_on) => std::slice::from_ref(add_on),
            Whose::Others(than) => than,
        };
        let add_ons = add_ons.iter().map(ToString::to_string);
        add_ons.fold(statement, |statement, add_on| statement.bind(add_on))
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
        let condition = |than: &[AddOnSid]| Pick::others(State::Accepted, than).condition(5);
        assert_eq!(condition(&[]), "TRUE");
        let [one, two] = [add_on('1'), add_on('2')];
        assert_eq!(condition(&[one]), "((add_on < $5) OR (add_on > $5))");
        assert_eq!(
            condition(&[two, one, two]),
            "((add_on < $5) OR ((add_on > $5 AND add_on < $6) OR (add_on > $6)))"
        );
    }
}
