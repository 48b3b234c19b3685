-- Times are milliseconds since 1970, by the clock of whoever holds this database.
CREATE TABLE jackfield_jobs (
    id          TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    account     TEXT   NOT NULL,
    add_on      TEXT   COLLATE "C" NOT NULL,
    install     TEXT,
    request     TEXT,
    fingerprint BYTEA  NOT NULL,
    -- accepted, resulted, done or dead
    state       TEXT   NOT NULL,
    accepted_at BIGINT NOT NULL,
    -- When it may be claimed. While somebody has it, when the lease ends.
    due_at      BIGINT NOT NULL,
    deadline_at BIGINT,
    finished_at BIGINT,
    duration_ms BIGINT,
    runs        BIGINT NOT NULL DEFAULT 0,
    tries       BIGINT NOT NULL DEFAULT 0,
    deliveries  BIGINT NOT NULL DEFAULT 0,
    -- Who has it, and the how manieth claim that is.
    owner       TEXT,
    claim       BIGINT NOT NULL DEFAULT 0,
    task        BYTEA  NOT NULL,
    audio       TEXT,
    result      TEXT,
    result_kind TEXT,
    -- Names of files that the last step left to be removed, with spaces between them.
    leftover    TEXT,
    why         TEXT
);

CREATE UNIQUE INDEX jackfield_jobs_request ON jackfield_jobs (account, add_on, request) WHERE request IS NOT NULL;
CREATE INDEX jackfield_jobs_open ON jackfield_jobs (due_at) WHERE state IN ('accepted', 'resulted');
CREATE INDEX jackfield_jobs_due ON jackfield_jobs (state, add_on, due_at);
CREATE INDEX jackfield_jobs_owned ON jackfield_jobs (owner) WHERE owner IS NOT NULL;
CREATE INDEX jackfield_jobs_finished ON jackfield_jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jackfield_jobs_paces ON jackfield_jobs (account, add_on, finished_at) WHERE finished_at IS NOT NULL;
