//! What the host counts and how it is, as Prometheus reads it. Everything is looked up when
//! it is asked for; names and meanings are in docs/operations.md.

mod add_ons;
mod clients;
mod host;
mod jobs;
mod listeners;
mod page;
mod process;
mod requests;

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::registry::Registry as Collection;

use crate::add_on::AddOn;
use crate::control::Control;
use crate::process::Usage;
use crate::registry::Registry;
use jobs::Kept;
use page::Page;
use process::Process;

pub(super) use prometheus_text::CONTENT_TYPE;

/// What stands in front of every name of ours.
const PREFIX: &str = "jackfield";

/// The label of whatever belongs to no add-on that is served. No add-on can have this name.
const NOBODY: &str = "(none)";

/// One look at a host.
struct Scrape {
    control: Arc<Control>,
    registry: Arc<Registry>,
    /// The add-ons, by name.
    add_ons: Vec<Arc<AddOn>>,
    jobs: Option<Kept>,
}

/// All metrics, as text.
///
/// # Errors
/// Where they cannot be written, which no text refuses.
pub(super) async fn text(control: &Arc<Control>) -> Result<String, fmt::Error> {
    let host = control.reloader().host();
    let registry = host.registry();
    let mut add_ons: Vec<_> = registry.add_ons().cloned().collect();
    add_ons.sort_by(|one, other| one.config.name.cmp(&other.config.name));
    let scrape = Scrape {
        control: Arc::clone(control),
        jobs: Kept::of(host).await,
        registry,
        add_ons,
    };
    let process = process(control).await.ok_or(fmt::Error)?;
    let mut collection = Collection::default();
    collection.register_collector(Box::new(process));
    let ours = collection.sub_registry_with_prefix(PREFIX);
    ours.register_collector(Box::new(scrape));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &collection)?;
    Ok(text)
}

/// Looks at the process, aside from what has no time to wait.
async fn process(control: &Control) -> Option<Process> {
    let looked = tokio::task::spawn_blocking(Usage::now).await;
    Some(Process {
        usage: looked.ok()?,
        started: control.started(),
    })
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page::new(encoder);
        self.host(&mut page)?;
        self.clients(&mut page)?;
        self.listeners(&mut page)?;
        self.requests(&mut page)?;
        self.add_ons(&mut page)?;
        self.jobs(&mut page)
    }
}

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}
