use super::claims::{Place, every_claim};
use super::*;

fn sqlite(directory: &tempfile::TempDir) -> Place {
    let path = directory.path().join("state/jobs.db");
    Place(StoreSettings::Sqlite { path })
}

macro_rules! over_sqlite {
    ($($module:ident: [$($claim:ident),+ $(,)?]),+ $(,)?) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $claim() {
                let directory = tempfile::tempdir().unwrap();
                let place = super::sqlite(&directory);
                crate::jobs::store::claims::$module::$claim(&place).await;
            })+
        })+
    };
}

every_claim!(over_sqlite);
