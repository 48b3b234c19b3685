//! What the store of jobs promises, over a real PostgreSQL server: the claims that the host
//! makes of it over SQLite, and those that only make sense with a server.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

#[path = "../../host/src/jobs/store/claims.rs"]
mod claims;
mod server;

use std::sync::LazyLock;

use claims::{Place, every_claim};
use jackfield::jobs::store::StoreSettings;
use jackfield_tests::Postgres;

/// What the claims are about.
mod api {
    pub(crate) use jackfield::jobs::blob::BlobName;
    pub(crate) use jackfield::jobs::id::{JobId, Owner};
    pub(crate) use jackfield::jobs::store::*;
    pub(crate) use jackfield::protocol::sid::{AddOnSid, SidError};
}

/// One server for all claims, each of which has a database of its own.
static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);

fn settings(url: String) -> StoreSettings {
    StoreSettings::Postgres { url: url.into() }
}

macro_rules! over_postgres {
    ($($module:ident: [$($claim:ident),+ $(,)?]),+ $(,)?) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $claim() {
                let place = super::Place(super::settings(super::SERVER.database()));
                crate::claims::$module::$claim(&place).await;
            })+
        })+
    };
}

every_claim!(over_postgres);
