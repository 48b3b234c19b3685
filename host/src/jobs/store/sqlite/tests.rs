use std::fs;
use std::os::unix::fs::PermissionsExt;

use sqlx::any::AnyConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use super::*;
use crate::jobs::id::JobId;
use crate::jobs::store::{Accepted, Fingerprint, NewJob, Pick, State, Store, StoreSettings};

fn path(place: &TempDir) -> PathBuf {
    place.path().join("state/jobs.db")
}

async fn open(place: &TempDir) -> Result<Store, StoreError> {
    let path = path(place);
    Store::open(&StoreSettings::Sqlite { path }).await
}

fn job(task: String) -> NewJob {
    let digits = "0".repeat(32);
    NewJob {
        id: JobId::fresh().unwrap(),
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        install: None,
        request: None,
        fingerprint: Fingerprint([0; 32]),
        deadline: None,
        duration: None,
        task: task.into_bytes(),
        audio: false,
    }
}

#[tokio::test]
async fn every_connection_waits_for_the_disk() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    let mut connections = store.0.engine.all_connections().await;
    // All there can be, and not one of them twice.
    assert_eq!(connections.len(), 4);
    for connection in &mut connections {
        for (setting, value) in [("synchronous", 2_i64), ("secure_delete", 1)] {
            let asked = sqlx::query(AssertSqlSafe(format!("PRAGMA {setting}")));
            let row = asked.fetch_one(&mut **connection).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), value, "{setting}");
        }
        let asked = sqlx::query("PRAGMA journal_mode");
        let row = asked.fetch_one(&mut **connection).await.unwrap();
        assert_eq!(row.get::<String, _>(0), "wal");
    }
}

#[tokio::test]
async fn a_connection_that_would_not_wait_for_the_disk_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let taken = take(&path(&place)).unwrap();
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = taken.url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    prepare(&mut connection).await.unwrap();
    for (setting, undone) in [
        ("synchronous = NORMAL", "synchronous = FULL"),
        ("synchronous = OFF", "synchronous = FULL"),
        ("secure_delete = OFF", "secure_delete = ON"),
        ("journal_mode = DELETE", "journal_mode = WAL"),
    ] {
        let set = async |setting: &str, connection: &mut AnyConnection| {
            let setting = AssertSqlSafe(format!("PRAGMA {setting}"));
            raw_sql(setting).execute(connection).await.unwrap();
        };
        set(setting, &mut connection).await;
        let refused = assert_durable(&mut connection).await;
        assert!(
            matches!(refused, Err(StoreError::NotDurable(_))),
            "{setting}"
        );
        set(undone, &mut connection).await;
        assert_durable(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn one_process_at_a_time_has_the_file() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    let refused = open(&place).await.err();
    assert_eq!(refused, Some(StoreError::Locked(path(&place))));
    store.close().await;
    open(&place).await.unwrap().close().await;
}

#[tokio::test]
async fn all_files_are_closed_to_others() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    store.accept(job("task".to_owned())).await.unwrap();
    let files: Vec<_> = fs::read_dir(place.path().join("state")).unwrap().collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file:?}");
    }
    store.close().await;
    let directory = path(&place).parent().unwrap().to_owned();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(open(&place).await, Err(StoreError::Place(_))));
}

/// Whether any of the database's files holds a text.
fn holds(place: &TempDir, text: &str) -> bool {
    let files = fs::read_dir(place.path().join("state")).unwrap();
    files.into_iter().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let text = text.as_bytes();
        bytes.windows(text.len()).any(|part| part == text)
    })
}

#[tokio::test]
async fn of_what_is_erased_nothing_is_left_in_any_file() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    let (mut erased, mut kept) = (Vec::new(), Vec::new());
    for n in 0..300_usize {
        // Some lie within a page, some on many.
        let filling = "x".repeat(n % 7 * 3000);
        let job = job(format!("marked-{n:04}{filling}marked-{n:04}"));
        let list = if n % 3 == 0 { &mut kept } else { &mut erased };
        list.push((job.id, format!("marked-{n:04}")));
        assert_eq!(store.accept(job).await.unwrap(), Accepted::New);
    }
    for (_, text) in erased.iter().chain(&kept) {
        assert!(holds(&place, text), "{text}");
    }
    let ids: Vec<_> = erased.iter().map(|(id, _)| *id).collect();
    store.erase_jobs(&ids).await.unwrap();
    store.scrub().await.unwrap();
    for (_, text) in &erased {
        assert!(!holds(&place, text), "{text}");
    }
    for (_, text) in &kept {
        assert!(holds(&place, text), "{text}");
    }
    assert_eq!(
        fs::metadata(path(&place).with_extension("db-wal"))
            .unwrap()
            .len(),
        0
    );
}

#[tokio::test]
async fn a_path_with_odd_characters_is_that_files_and_no_others() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a b?mode=memory#é%41/jobs 1.db");
    let settings = StoreSettings::Sqlite { path: path.clone() };
    let store = Store::open(&settings).await.unwrap();
    store.accept(job("task".to_owned())).await.unwrap();
    store.close().await;
    assert!(fs::metadata(&path).unwrap().len() > 0);
    for path in [PathBuf::from("/"), PathBuf::from(".."), PathBuf::new()] {
        let refused = Store::open(&StoreSettings::Sqlite { path }).await;
        assert!(matches!(refused, Err(StoreError::Place(_))));
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    open(&place).await.unwrap().close().await;
    let files = fs::read_dir(place.path().join("state")).unwrap();
    assert_eq!(files.count(), 2);
    let text = "this is no database. ".repeat(1000);
    fs::write(path(&place), &text).unwrap();
    let refused = open(&place).await.err().unwrap();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
    assert!(fs::read_to_string(path(&place)).unwrap() == text);
}

#[tokio::test]
async fn tables_of_a_later_version_are_used_and_changed_ones_are_not() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    store.accept(job("task".to_owned())).await.unwrap();
    let change = async |store: &Store, text: &'static str| {
        let statement = store.0.engine.statement(text);
        assert_eq!(store.0.engine.write(statement).await.unwrap(), 1, "{text}");
        store.close().await;
    };
    let later = "INSERT INTO jackfield_migrations
        (version, description, success, checksum, execution_time)
        SELECT 1000, 'later', success, checksum, 0 FROM jackfield_migrations";
    change(&store, later).await;
    let store = open(&place).await.unwrap();
    assert_eq!(store.walk(None, 10).await.unwrap().len(), 1);
    change(
        &store,
        "UPDATE jackfield_migrations SET checksum = x'00' WHERE version = 1",
    )
    .await;
    let refused = open(&place).await.err().unwrap();
    assert!(matches!(refused, StoreError::Schema(_)), "{refused}");
}

#[tokio::test]
async fn a_claim_leads_through_the_index_to_those_it_wants() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await.unwrap();
    let add_ons = [1, 2, 3].map(|n| format!("XB{n:032}").parse().unwrap());
    for pick in [
        Pick::of(State::Accepted, add_ons[0]),
        Pick::others(State::Accepted, &add_ons),
    ] {
        let text = format!(
            "EXPLAIN QUERY PLAN SELECT id FROM {} AND state = $1 AND due_at <= $2
            ORDER BY due_at LIMIT 10",
            pick.place(3)
        );
        let statement = store.0.engine.statement(&text).bind("accepted").bind(0_i64);
        let plan = store.0.engine.rows(pick.bind(statement)).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("\n");
        assert!(
            plan.contains("jackfield_jobs_due (state=? AND add_on"),
            "{plan}"
        );
        assert!(!plan.contains("SCAN jackfield_jobs"), "{plan}");
    }
}
