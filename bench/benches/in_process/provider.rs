//! The example providers, through the product's own sandbox.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use jackfield::config::{AddOnConfig, Config};
use jackfield::protocol::invocation::{Invocation, Said};
use jackfield::protocol::point::IntegrationPoint;
use jackfield::sandbox::{Allocation, Ceilings, Loader, Provider, Sandbox};
use tokio::runtime::Builder;

use crate::setting::{self, NUMBER};

/// Longer than any call takes, and no longer than Twilio waits.
const DEADLINE: Duration = Duration::from_secs(1);

/// Each add-on, where it is asked, and what it is told.
const CALLS: [(&str, IntegrationPoint, Option<&str>); 3] = [
    ("caller-name", IntegrationPoint::Lookups, None),
    ("number-insight", IntegrationPoint::Lookups, None),
    (
        "message-sentiment",
        IntegrationPoint::IncomingSms,
        Some("Thank you so much, the plumber was brilliant!"),
    ),
];

pub(crate) fn measure(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut group = criterion.benchmark_group("provider");
    for ready in runtime.block_on(all()) {
        group.bench_function(ready.name(), |bencher| {
            bencher.to_async(&runtime).iter(|| ready.call());
        });
    }
    group.finish();
}

/// A provider that can be called, and what it is called with.
pub(crate) struct Ready {
    provider: Provider,
    add_on: AddOnConfig,
    invocation: Arc<Invocation>,
}

impl Ready {
    /// The add-on's name.
    pub(crate) fn name(&self) -> &str {
        self.add_on.name.as_str()
    }

    /// A call as the host makes it, in a fresh instance.
    pub(crate) async fn call(&self) {
        let deadline = Instant::now() + DEADLINE;
        let called = self
            .provider
            .lookup(Arc::clone(&self.invocation), &self.add_on, deadline);
        black_box(called.await.result.expect("an answer"));
    }
}

/// The providers of [`CALLS`].
pub(crate) async fn all() -> Vec<Ready> {
    let config = setting::config();
    let sandbox = Sandbox::new(config.server.concurrency, Ceilings::default());
    let sandbox = Arc::new(sandbox.expect("a sandbox"));
    let pooled = sandbox.allocation() == Allocation::Pooled;
    assert!(pooled, "there is too little address space for the pool");
    let loader = Arc::new(Loader::keeping_nothing(sandbox));
    let mut all = Vec::new();
    for (name, point, body) in CALLS {
        let add_on = setting::add_on(&config, name);
        all.push(Ready {
            provider: load(&loader, &config, &add_on).await,
            invocation: Arc::new(invocation(&add_on, point, body)),
            add_on,
        });
    }
    all
}

async fn load(loader: &Arc<Loader>, config: &Config, add_on: &AddOnConfig) -> Provider {
    let server = &config.server;
    let opened = loader.open(&add_on.component, &server.plugin_dir).await;
    let opened = opened.expect("`cargo xtask plugins` builds the component");
    let loaded = loader.load(&opened, add_on, server.compile).await;
    loaded.expect("an example provider loads")
}

/// What an add-on's provider is told of a request.
fn invocation(add_on: &AddOnConfig, point: IntegrationPoint, body: Option<&str>) -> Invocation {
    let said = Said {
        phone: NUMBER,
        other: None,
        body,
    };
    Invocation::new(point, said, add_on.terms.sids(), &add_on.terms).expect("a number")
}
