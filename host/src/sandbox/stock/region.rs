//! A stretch of address space that is nobody else's, and of which a part can be used.
#![expect(
    unsafe_code,
    reason = "memory that guests cannot leave is made of the system's pages"
)]

use std::io;
use std::ptr::{self, NonNull};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

/// Address space between two guards. From its beginning on it is open as far as it was
/// wanted; whatever touches what lies before that or behind it faults.
#[derive(Debug)]
pub(super) struct Region {
    mapped: NonNull<u8>,
    length: usize,
    guard: usize,
    room: usize,
    open: usize,
}

// SAFETY: a region is the only owner of its pages, and hands out no references to them.
unsafe impl Send for Region {}
// SAFETY: what can be done to it by a shared reference is to ask where it is.
unsafe impl Sync for Region {}

impl Region {
    /// Reserves so many bytes that can be opened, after a guard and before another. All are
    /// multiples of a page.
    ///
    /// # Errors
    /// Where the system has no such stretch.
    pub(super) fn reserve(before: usize, room: usize, behind: usize) -> io::Result<Self> {
        let length = before
            .checked_add(room)
            .and_then(|length| length.checked_add(behind))
            .filter(|_| [before, room, behind].into_iter().all(is_whole))
            .ok_or(io::ErrorKind::InvalidInput)?;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: new pages, which the system puts where nothing else is.
        let mapped = unsafe { mmap_anonymous(ptr::null_mut(), length, ProtFlags::empty(), flags) }?;
        Ok(Self {
            mapped: NonNull::new(mapped.cast()).ok_or(io::ErrorKind::OutOfMemory)?,
            length,
            guard: before,
            room,
            open: 0,
        })
    }

    /// Where the part begins that can be used.
    pub(super) fn start(&self) -> *mut u8 {
        self.mapped.as_ptr().wrapping_add(self.guard)
    }

    /// Where the guard before it begins.
    pub(super) fn guard(&self) -> *mut u8 {
        self.mapped.as_ptr()
    }

    /// How many bytes can be opened.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// How many bytes can be used now.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Has so many bytes be open, at least. Those that were not are zeros.
    ///
    /// # Errors
    /// Where there is no room for them, or the system has no more. As many are open then
    /// as were before.
    pub(super) fn open_to(&mut self, bytes: usize) -> io::Result<()> {
        let Some(more) = bytes.checked_sub(self.open).filter(|more| *more > 0) else {
            return Ok(());
        };
        if bytes > self.room || !is_whole(bytes) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let flags = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the pages are within this region, and nothing refers to them yet.
        unsafe { mprotect(self.at(self.open), more, flags) }?;
        self.open = bytes;
        Ok(())
    }

    /// Has no more than so many bytes be open. What was in the others is gone.
    ///
    /// # Errors
    /// Where the system does not do it. Nothing is to be done with the region then.
    pub(super) fn close_to(&mut self, bytes: usize) -> io::Result<()> {
        let Some(less) = self.open.checked_sub(bytes).filter(|less| *less > 0) else {
            return Ok(());
        };
        if !is_whole(bytes) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED;
        // SAFETY: the pages are within this region, and by `&mut` nobody uses them. New ones
        // take their place, in one step.
        unsafe { mmap_anonymous(self.at(bytes), less, ProtFlags::empty(), flags) }?;
        self.open = bytes;
        Ok(())
    }

    /// Writes zeros over all that is open.
    pub(super) fn clear(&mut self) {
        // SAFETY: so much is open for writing, and by `&mut` nobody else uses it.
        unsafe { ptr::write_bytes(self.start(), 0, self.open) };
    }

    fn at(&self, offset: usize) -> *mut std::ffi::c_void {
        self.start().wrapping_add(offset).cast()
    }
}

/// No region: there is no room in it.
impl Default for Region {
    fn default() -> Self {
        Self {
            mapped: NonNull::dangling(),
            length: 0,
            guard: 0,
            room: 0,
            open: 0,
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: the pages are this region's, and nobody has it any more. Where the
            // system refuses, they stay reserved, which harms nobody.
            let _ = unsafe { munmap(self.mapped.as_ptr().cast(), self.length) };
        }
    }
}

fn is_whole(bytes: usize) -> bool {
    bytes.is_multiple_of(rustix::param::page_size())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 64 * 1024;

    /// The bytes that are open.
    fn bytes(region: &mut Region) -> &mut [u8] {
        // SAFETY: so many are open, and by `&mut` nobody else uses them.
        unsafe { std::slice::from_raw_parts_mut(region.start(), region.open()) }
    }

    /// Whether the system says that the byte there can be read.
    fn is_readable(address: *const u8) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().any(|line| {
            let (range, rest) = line.split_once(' ').unwrap();
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|it| usize::from_str_radix(it, 16).unwrap());
            (from..to).contains(&address.addr()) && rest.starts_with('r')
        })
    }

    #[test]
    fn what_is_open_can_be_used_and_what_is_around_it_cannot() {
        let mut region = Region::reserve(PAGE, 4 * PAGE, PAGE).unwrap();
        assert!(!is_readable(region.start()));
        region.open_to(2 * PAGE).unwrap();
        assert!(bytes(&mut region).iter().all(|byte| *byte == 0));
        bytes(&mut region).fill(7);
        let start = region.start();
        for (offset, readable) in [
            (-1, false),
            (0, true),
            (2 * PAGE.cast_signed() - 1, true),
            (2 * PAGE.cast_signed(), false),
            (5 * PAGE.cast_signed() - 1, false),
        ] {
            let is = is_readable(start.wrapping_offset(offset));
            assert_eq!(is, readable, "{offset}");
        }
    }

    #[test]
    fn what_was_closed_is_gone_and_what_was_cleared_is_zero() {
        let mut region = Region::reserve(0, 4 * PAGE, 0).unwrap();
        region.open_to(3 * PAGE).unwrap();
        bytes(&mut region).fill(7);
        region.close_to(PAGE).unwrap();
        assert_eq!(region.open(), PAGE);
        assert!(bytes(&mut region).iter().all(|byte| *byte == 7));
        assert!(!is_readable(region.start().wrapping_add(PAGE)));
        region.clear();
        region.open_to(4 * PAGE).unwrap();
        assert!(bytes(&mut region).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn nothing_is_opened_beyond_its_room_and_what_is_open_stays() {
        let mut region = Region::reserve(0, 2 * PAGE, PAGE).unwrap();
        region.open_to(PAGE).unwrap();
        assert!(region.open_to(3 * PAGE).is_err());
        assert!(region.open_to(PAGE + 1).is_err());
        assert_eq!(region.open(), PAGE);
        region.open_to(0).unwrap();
        assert_eq!(region.open(), PAGE);
        region.close_to(2 * PAGE).unwrap();
        assert_eq!(region.open(), PAGE);
    }

    #[test]
    fn a_stretch_that_no_system_has_is_refused() {
        for (before, room, behind) in [
            (0, usize::MAX - PAGE + 1, PAGE),
            (0, 1 << 62, 0),
            (0, PAGE + 1, 0),
            (1, PAGE, 0),
        ] {
            assert!(Region::reserve(before, room, behind).is_err());
        }
        assert!(Region::default().open_to(PAGE).is_err());
    }
}
