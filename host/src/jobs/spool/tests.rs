use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use super::*;
use crate::jobs::vault::Plain;

/// More than any test needs.
const PLENTY: u64 = 1 << 30;

fn vault(sealed: bool) -> Vault {
    let key = SecretString::from("5a".repeat(32));
    let keys = if sealed { vec![key] } else { Vec::new() };
    Vault::new(&keys, Plain::Refused).unwrap()
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state/spool")
    }

    async fn open(&self, sealed: bool, capacity: u64) -> Spool {
        let opened = Spool::open(&self.path(), vault(sealed), capacity).await;
        opened.unwrap()
    }

    /// What lies there, finished or not.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

fn name(text: &str) -> BlobName {
    text.parse().unwrap()
}

/// Bytes of which no two neighbours are the same.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

async fn put(spool: &Spool, file: &str, bytes: &[u8]) -> Result<Stored, SpoolError> {
    let mut draft = spool.draft(name(file), PLENTY).await?;
    for piece in bytes.chunks(100_000) {
        draft.write(Bytes::copy_from_slice(piece)).await?;
    }
    draft.commit().await
}

/// Reads a file to its end.
async fn get(spool: &Spool, file: &str) -> io::Result<Vec<u8>> {
    let reader = spool.read(&name(file)).await;
    let mut reader = reader.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).await?;
    assert_eq!(bytes.len() as u64, reader.length());
    Ok(bytes)
}

/// Waits for what is done on another thread, and for nothing longer than that.
async fn until(holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waited).await;
    waited.expect("it comes about");
}

#[tokio::test]
async fn what_is_written_is_read_whatever_its_length_sealed_or_not() {
    for sealed in [false, true] {
        let place = Place::new();
        let spool = place.open(sealed, PLENTY).await;
        for length in [0, 1, 65_536, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5] {
            let bytes = content(length);
            let stored = put(&spool, "a.audio", &bytes).await.unwrap();
            let sha256: [u8; 32] = Sha256::digest(&bytes).into();
            let expected = Stored {
                name: name("a.audio"),
                length: length as u64,
                sha256,
            };
            assert_eq!(stored, expected);
            assert_eq!(get(&spool, "a.audio").await.unwrap(), bytes, "{length}");
            let on_disk = fs::read(place.file("a.audio")).unwrap();
            let readable = length > 8 && on_disk.windows(8).any(|part| part == &bytes[..8]);
            assert_eq!(readable, length > 8 && !sealed, "{length}");
        }
    }
}

#[tokio::test]
async fn a_file_has_its_name_once_all_of_it_is_there() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    let mut draft = spool.draft(name("a.audio"), PLENTY).await.unwrap();
    draft.write(content(3 * PIECE).into()).await.unwrap();
    assert_eq!(draft.length(), 3 * PIECE as u64);
    let missing = spool.read(&name("a.audio")).await;
    assert!(matches!(missing, Err(SpoolError::Missing)));
    assert!(spool.names().await.unwrap().is_empty());
    draft.commit().await.unwrap();
    let [file] = &spool.names().await.unwrap()[..] else {
        panic!("there is one file");
    };
    assert_eq!(file.name, name("a.audio"));
    assert!(file.size > 3 * PIECE as u64);
    assert_eq!(spool.used(), file.size);
    assert!(file.age < Duration::from_secs(600));
    assert_eq!(place.files(), ["a.audio"]);
    let mode = fs::metadata(place.file("a.audio")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn of_a_draft_that_is_dropped_nothing_is_left() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    let mut draft = spool.draft(name("a.audio"), PLENTY).await.unwrap();
    draft.write(content(2 * PIECE).into()).await.unwrap();
    assert_eq!(place.files().len(), 1);
    assert_eq!(spool.used(), 2 * PIECE as u64);
    drop(draft);
    until(|| place.files().is_empty()).await;
    assert_eq!(spool.used(), 0);
}

#[tokio::test]
async fn a_file_over_its_limit_is_refused_as_it_comes() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    let mut draft = spool.draft(name("a.audio"), 10).await.unwrap();
    draft
        .write(Bytes::from_static(b"0123456789"))
        .await
        .unwrap();
    let refused = draft.write(Bytes::from_static(b"0")).await.unwrap_err();
    assert!(matches!(refused, SpoolError::TooLong { limit: 10 }));
    assert!(!refused.is_passing());
    // What is not too long is all there.
    draft.commit().await.unwrap();
    assert_eq!(get(&spool, "a.audio").await.unwrap(), b"0123456789");
}

#[tokio::test]
async fn a_full_spool_takes_nothing_more_until_something_is_removed() {
    let place = Place::new();
    let spool = place.open(false, 1000).await;
    put(&spool, "a.audio", &content(600)).await.unwrap();
    let full = put(&spool, "b.audio", &content(600)).await.unwrap_err();
    assert!(matches!(full, SpoolError::Full) && full.is_passing());
    put(&spool, "c.audio", &content(300)).await.unwrap();
    until(|| place.files() == ["a.audio", "c.audio"]).await;
    spool.remove(vec![name("a.audio")]).await.unwrap();
    put(&spool, "b.audio", &content(600)).await.unwrap();
    // Also for a process that comes later.
    drop(spool);
    let spool = place.open(false, 1000).await;
    let full = put(&spool, "d.audio", &content(300)).await.unwrap_err();
    assert!(matches!(full, SpoolError::Full));
}

#[tokio::test]
async fn many_files_at_once_are_each_whole() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    let writing = (0..50_usize).map(|n| {
        let spool = spool.clone();
        tokio::spawn(async move { put(&spool, &format!("{n}.audio"), &content(n * 5000)).await })
    });
    for written in futures_util::future::join_all(writing).await {
        written.unwrap().unwrap();
    }
    assert_eq!(place.files().len(), 50);
    for n in 0..50 {
        let bytes = get(&spool, &format!("{n}.audio")).await.unwrap();
        assert_eq!(bytes, content(n * 5000));
    }
}

#[tokio::test]
async fn what_a_dead_process_left_unfinished_goes_and_what_a_living_one_writes_stays() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    let mut draft = spool.draft(name("a.audio"), PLENTY).await.unwrap();
    draft.write(content(PIECE).into()).await.unwrap();
    fs::write(place.file("1-0.tmp"), "half of it").unwrap();
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(place.file("1-0.tmp"), mode).unwrap();
    assert_eq!(place.files().len(), 2);
    // Another process that opens the same directory.
    let other = place.open(true, PLENTY).await;
    assert!(!place.file("1-0.tmp").exists());
    draft.commit().await.unwrap();
    assert_eq!(get(&other, "a.audio").await.unwrap(), content(PIECE));
}

#[tokio::test]
async fn a_broken_file_never_passes_for_a_whole_one() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    put(&spool, "a.audio", &content(3 * PIECE)).await.unwrap();
    let whole = fs::read(place.file("a.audio")).unwrap();
    let mut broken: Vec<_> = [0, 4, 40, whole.len() / 2, whole.len() - 1]
        .map(|at| {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            changed
        })
        .into();
    for length in [0, 3, 20, 65_600, whole.len() / 2, whole.len() - 1] {
        broken.push(whole[..length].to_vec());
    }
    broken.push([&whole[..], b"more"].concat());
    for bytes in broken {
        fs::write(place.file("a.audio"), bytes).unwrap();
        let error = get(&spool, "a.audio").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
    // Nor does one pass for another.
    fs::write(place.file("b.audio"), &whole).unwrap();
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(place.file("b.audio"), mode).unwrap();
    assert!(get(&spool, "b.audio").await.is_err());
    fs::write(place.file("a.audio"), &whole).unwrap();
    assert_eq!(get(&spool, "a.audio").await.unwrap(), content(3 * PIECE));
}

#[tokio::test]
async fn after_an_error_a_reader_does_not_end_as_if_it_were_through() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    put(&spool, "a.audio", &content(3 * PIECE)).await.unwrap();
    let whole = fs::read(place.file("a.audio")).unwrap();
    fs::write(place.file("a.audio"), &whole[..whole.len() - 1]).unwrap();
    let mut reader = spool.read(&name("a.audio")).await.unwrap();
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let error = reader.read_to_end(&mut bytes).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

#[tokio::test]
async fn what_is_missing_is_told_and_may_be_removed_again() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    put(&spool, "a.audio", b"text").await.unwrap();
    let names = vec![name("a.audio"), name("b.audio")];
    for _ in 0..2 {
        spool.remove(names.clone()).await.unwrap();
        spool.settle().await.unwrap();
        assert_eq!(spool.used(), 0);
        assert!(place.files().is_empty());
    }
    let missing = spool.read(&name("a.audio")).await.err().unwrap();
    assert!(matches!(missing, SpoolError::Missing) && !missing.is_passing());
}

#[tokio::test]
async fn whoever_reads_a_file_has_it_to_its_end() {
    let place = Place::new();
    let spool = place.open(true, PLENTY).await;
    put(&spool, "a.result", &content(5 * PIECE)).await.unwrap();
    let mut reader = spool.read(&name("a.result")).await.unwrap();
    spool.remove(vec![name("a.result")]).await.unwrap();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, content(5 * PIECE));
}

#[tokio::test]
async fn hosts_that_share_a_directory_count_each_others_files() {
    let place = Place::new();
    let [here, there] = [place.open(false, 1000).await, place.open(false, 1000).await];
    put(&there, "a.audio", &content(900)).await.unwrap();
    assert_eq!(here.used(), 0);
    assert_eq!(here.names().await.unwrap().len(), 1);
    assert_eq!(here.used(), there.used());
    let full = put(&here, "b.audio", &content(200)).await;
    assert!(matches!(full, Err(SpoolError::Full)));
}

#[tokio::test]
async fn a_directory_that_others_can_look_into_is_refused() {
    let place = Place::new();
    drop(place.open(true, PLENTY).await);
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.path(), mode).unwrap();
    let refused = Spool::open(&place.path(), vault(true), PLENTY).await;
    let Err(SpoolError::Place(reason)) = refused else {
        panic!("others can look into it");
    };
    assert!(reason.contains("chmod 700"), "{reason}");
}

/// A disk on which nothing fits.
struct FullDisk;

impl Blobs for FullDisk {
    type Part = Self;
    type Source = Self;

    async fn begin(&self) -> io::Result<Self> {
        Ok(Self)
    }

    async fn open(&self, _: &BlobName) -> io::Result<Option<(Self, u64)>> {
        Ok(None)
    }

    async fn remove(&self, _: &BlobName) -> io::Result<u64> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    async fn list(&self) -> io::Result<Vec<Spooled>> {
        Ok(Vec::new())
    }

    async fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Part for FullDisk {
    async fn write(&mut self, _: Vec<u8>) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }

    async fn commit(self, _: &BlobName) -> io::Result<()> {
        panic!("what was not written has no name");
    }
}

impl Source for FullDisk {
    async fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_failure_of_the_disk_is_told_and_takes_no_room() {
    let spool = Spool::over(FullDisk, vault(true), PLENTY);
    let mut draft = spool.draft(name("a.audio"), PLENTY).await.unwrap();
    // The failure of a piece is told with the one that comes after it.
    draft.write(content(PIECE).into()).await.unwrap();
    let failed = draft.write(content(PIECE).into()).await.unwrap_err();
    assert!(matches!(failed, SpoolError::NoRoom) && failed.is_passing());
    let failed = draft.commit().await.unwrap_err();
    assert!(matches!(failed, SpoolError::Failed));
    assert_eq!(spool.used(), 0);
    let mut draft = spool.draft(name("b.audio"), PLENTY).await.unwrap();
    draft.write(Bytes::from_static(b"short")).await.unwrap();
    let failed = draft.commit().await.unwrap_err();
    assert!(matches!(failed, SpoolError::NoRoom));
    let failed = spool.remove(vec![name("a.audio")]).await.unwrap_err();
    assert!(matches!(failed, SpoolError::Disk(_)) && failed.is_passing());
}

#[tokio::test]
async fn a_path_that_cannot_be_made_is_an_error_that_names_it() {
    let place = Place::new();
    fs::write(place.0.path().join("state"), "a file").unwrap();
    let refused = Spool::open(&place.path(), vault(true), PLENTY).await;
    let reason = refused.err().unwrap().to_string();
    assert!(reason.contains("state/spool"), "{reason}");
    assert!(Path::new(&place.path()).parent().unwrap().is_file());
}
