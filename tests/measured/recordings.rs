//! What recordings cost: the memory of large ones, and what it takes to promise something.

mod accepting;
mod memory;
