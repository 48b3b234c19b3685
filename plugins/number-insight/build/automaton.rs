//! Regular expressions over digits, answered together by walking one table.
//!
//! National numbers have at most 17 digits, so the union of any number of patterns
//! is a finite tree of digits. Equal subtrees are kept once, over all countries:
//! what remains is the smallest automaton, and a walk is one step a digit.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

/// The longest national number.
pub(crate) const MAX_DIGITS: usize = 17;

/// The node from which no number is accepted.
const DEAD: u16 = 0;

#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Node {
    /// The verdict on a number that ends here; 0 is none.
    verdict: u8,
    next: [u16; 10],
}

/// Every node of every question that was added.
pub(crate) struct Automaton {
    nodes: Vec<Node>,
    index: HashMap<Node, u16>,
}

/// A compiled pattern.
pub(crate) struct Pattern {
    dfa: dense::DFA<Vec<u32>>,
    whole: bool,
}

/// How far a pattern has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Dead,
    At(StateID),
    /// A prefix has matched; what follows does not matter.
    Matched,
}

impl Pattern {
    /// A pattern that the whole number must match.
    pub(crate) fn whole(pattern: &str) -> Self {
        Self {
            dfa: compile(pattern),
            whole: true,
        }
    }

    /// A pattern that the number must begin with.
    pub(crate) fn prefix(pattern: &str) -> Self {
        Self {
            dfa: compile(unanchored(pattern)),
            whole: false,
        }
    }

    /// The digits with which a match that is not empty can begin, a bit for each.
    pub(crate) fn first_digits(&self) -> u16 {
        (0..10)
            .filter(|digit| self.step(self.start(), *digit) != State::Dead)
            .map(|digit| 1 << digit)
            .sum()
    }

    fn start(&self) -> State {
        let input = Input::new("").anchored(Anchored::Yes);
        self.settle(
            self.dfa
                .start_state_forward(&input)
                .expect("an anchored pattern has a start"),
        )
    }

    fn step(&self, state: State, digit: u8) -> State {
        match state {
            State::At(at) => self.settle(self.dfa.next_state(at, b'0' + digit)),
            settled => settled,
        }
    }

    fn settle(&self, at: StateID) -> State {
        if self.dfa.is_dead_state(at) {
            State::Dead
        } else if !self.whole && self.matches(State::At(at)) {
            State::Matched
        } else {
            State::At(at)
        }
    }

    fn matches(&self, state: State) -> bool {
        match state {
            State::Dead => false,
            State::At(at) => self.dfa.is_match_state(self.dfa.next_eoi_state(at)),
            State::Matched => true,
        }
    }
}

/// The metadata writes every pattern as `^(?:…)$`.
fn unanchored(pattern: &str) -> &str {
    pattern
        .strip_suffix('$')
        .expect("a pattern of the metadata ends with `$`")
}

fn compile(pattern: &str) -> dense::DFA<Vec<u32>> {
    assert!(
        pattern.len() > "^(?:)$".len() - 1,
        "`{pattern}` is not an anchored pattern"
    );
    dense::Builder::new()
        .configure(dense::Config::new().match_kind(MatchKind::All))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(pattern)
        .unwrap_or_else(|error| panic!("`{pattern}`: {error}"))
}

impl Automaton {
    pub(crate) fn new() -> Self {
        let dead = Node::default();
        Self {
            nodes: vec![dead],
            index: HashMap::from([(dead, DEAD)]),
        }
    }

    /// Adds a question, and gives the node where its walk begins. `verdict` is
    /// given which patterns match a number, and how many digits the number has.
    pub(crate) fn add(
        &mut self,
        patterns: &[Pattern],
        verdict: &dyn Fn(&[bool], usize) -> u8,
    ) -> u16 {
        let starts = patterns.iter().map(Pattern::start).collect();
        let mut question = Question {
            patterns,
            verdict,
            known: HashMap::new(),
        };
        self.explore(&mut question, starts, 0)
    }

    fn explore(&mut self, question: &mut Question<'_>, states: Vec<State>, depth: usize) -> u16 {
        if depth > MAX_DIGITS || states.iter().all(|state| *state == State::Dead) {
            return DEAD;
        }
        if let Some(known) = question.known.get(&(states.clone(), depth)) {
            return *known;
        }
        let mut node = Node {
            verdict: question.verdict_on(&states, depth),
            next: [DEAD; 10],
        };
        for (digit, next) in (0..10).zip(&mut node.next) {
            *next = self.explore(question, question.step(&states, digit), depth + 1);
        }
        let place = self.place(node);
        question.known.insert((states, depth), place);
        place
    }

    fn place(&mut self, node: Node) -> u16 {
        *self.index.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            u16::try_from(self.nodes.len() - 1).expect("the automaton has fewer than 65536 nodes")
        })
    }

    /// Each node as 21 bytes: the verdict, then the ten successors, little-endian.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.nodes.len() * 21);
        for node in &self.nodes {
            bytes.push(node.verdict);
            bytes.extend(node.next.iter().flat_map(|next| next.to_le_bytes()));
        }
        bytes
    }
}

struct Question<'a> {
    patterns: &'a [Pattern],
    verdict: &'a dyn Fn(&[bool], usize) -> u8,
    known: HashMap<(Vec<State>, usize), u16>,
}

impl Question<'_> {
    fn verdict_on(&self, states: &[State], depth: usize) -> u8 {
        let matches: Vec<bool> = self
            .patterns
            .iter()
            .zip(states)
            .map(|(pattern, state)| pattern.matches(*state))
            .collect();
        (self.verdict)(&matches, depth)
    }

    fn step(&self, states: &[State], digit: u8) -> Vec<State> {
        let patterns = self.patterns.iter().zip(states);
        patterns
            .map(|(pattern, state)| pattern.step(*state, digit))
            .collect()
    }
}
