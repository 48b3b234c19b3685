//! What each thread has lying ready, and takes back.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Count;
use crate::apart::Apart;
use crate::sharded::Sharded;

/// How many each thread keeps lying ready. So many guests rarely are between their first
/// and their last moment on one thread at once.
const MOST: usize = 64;

/// Something that one guest after another can have.
pub(super) trait Reusable: Default {
    /// Makes it as if nobody had had it. Answers whether it is.
    fn reset(&mut self) -> bool;
}

/// The shelves of all threads.
#[derive(Debug)]
pub(super) struct Shelves<T>(Sharded<Arc<Apart<Shelf<T>>>>);

/// What is taken from a shelf, and goes back there from whatever thread.
pub(super) struct Taken<T: Reusable> {
    thing: T,
    home: Arc<Apart<Shelf<T>>>,
}

/// One thread's. Others come to it for what was taken here and ended there.
#[derive(Debug)]
struct Shelf<T>(Mutex<Stored<T>>);

#[derive(Debug)]
struct Stored<T> {
    spare: Vec<T>,
    taken: u64,
}

impl<T: Reusable> Shelves<T> {
    /// Takes one that fits from this thread's shelf, or makes one.
    ///
    /// # Errors
    /// Where none can be made.
    pub(super) fn take<E>(
        &self,
        fits: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Taken<T>, E> {
        let home = self.0.mine();
        let spare = home.stored().take(fits);
        let thing = match spare {
            Some(thing) => thing,
            None => {
                let made = make()?;
                home.stored().taken += 1;
                made
            }
        };
        Ok(Taken {
            thing,
            home: Arc::clone(home),
        })
    }

    /// How many are taken and spare.
    pub(super) fn count(&self) -> Count {
        self.0.parts().fold(Count::default(), |count, shelf| {
            let stored = shelf.stored();
            Count {
                taken: count.taken + stored.taken,
                spare: count.spare + stored.spare.len() as u64,
            }
        })
    }
}

impl<T> Shelf<T> {
    /// Nothing panics while it holds them.
    fn stored(&self) -> MutexGuard<'_, Stored<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Stored<T> {
    /// The last that came of those that fit: it is still in the processor's cache.
    fn take(&mut self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let place = self.spare.iter().rposition(fits)?;
        self.taken += 1;
        Some(self.spare.remove(place))
    }
}

impl<T: Reusable> Drop for Taken<T> {
    fn drop(&mut self) {
        let mut thing = mem::take(&mut self.thing);
        let is_reset = thing.reset();
        let mut stored = self.home.stored();
        stored.taken -= 1;
        if is_reset && stored.spare.len() < MOST {
            stored.spare.push(thing);
            return;
        }
        // Nobody waits for what the system does to take it back.
        drop(stored);
        drop(thing);
    }
}

impl<T: Reusable> Deref for Taken<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<T: Reusable> DerefMut for Taken<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.thing
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::new(Stored {
            spare: Vec::new(),
            taken: 0,
        }))
    }
}

impl<T> Default for Shelves<T> {
    fn default() -> Self {
        Self(Sharded::default())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A thing, by its number. The one with the number 13 is spoilt by its first use.
    #[derive(Debug, Default, PartialEq)]
    struct Thing(u32);

    impl Reusable for Thing {
        fn reset(&mut self) -> bool {
            self.0 != 13
        }
    }

    fn take(shelves: &Shelves<Thing>, number: u32) -> Taken<Thing> {
        let made = shelves.take::<Infallible>(|it| it.0 == number, || Ok(Thing(number)));
        made.unwrap()
    }

    fn count(shelves: &Shelves<Thing>) -> (u64, u64) {
        let Count { taken, spare } = shelves.count();
        (taken, spare)
    }

    #[test]
    fn what_comes_back_is_taken_again_where_it_fits() {
        let shelves = Shelves::default();
        let (one, two) = (take(&shelves, 1), take(&shelves, 2));
        assert_eq!(count(&shelves), (2, 0));
        drop((one, two));
        assert_eq!(count(&shelves), (0, 2));
        let again = take(&shelves, 1);
        assert_eq!((again.0, count(&shelves)), (1, (1, 1)));
        let another = take(&shelves, 3);
        assert_eq!((another.0, count(&shelves)), (3, (2, 1)));
    }

    #[test]
    fn what_cannot_be_reset_is_nobodys_again() {
        let shelves = Shelves::default();
        drop(take(&shelves, 13));
        assert_eq!(count(&shelves), (0, 0));
    }

    #[test]
    fn what_cannot_be_made_is_not_counted() {
        let shelves = Shelves::<Thing>::default();
        assert_eq!(shelves.take(|_| true, || Err("none")).err(), Some("none"));
        assert_eq!(count(&shelves), (0, 0));
    }

    #[test]
    fn what_ends_on_another_thread_goes_back_to_where_it_came_from() {
        let shelves = Shelves::default();
        let taken = take(&shelves, 1);
        std::thread::scope(|scope| {
            scope.spawn(|| drop(taken));
        });
        assert_eq!(count(&shelves), (0, 1));
        let _again = take(&shelves, 1);
        assert_eq!(count(&shelves), (1, 0));
    }

    #[test]
    fn a_crowd_leaves_so_many_behind_and_no_more() {
        let shelves = Shelves::default();
        let crowd: Vec<_> = (0..2 * MOST).map(|_| take(&shelves, 1)).collect();
        assert_eq!(count(&shelves), (2 * MOST as u64, 0));
        drop(crowd);
        assert_eq!(count(&shelves), (0, MOST as u64));
    }
}
