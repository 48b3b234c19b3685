//! Where the configuration comes from, at the start and ever after.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{Config, ConfigErrors, Environment, EnvironmentError, Inputs, Reading};

/// A configuration's file, and what the command line says besides.
#[derive(Clone)]
pub struct Source {
    /// The first file.
    pub path: PathBuf,
    /// Where to listen, whatever the file says.
    pub listen: Option<SocketAddr>,
    /// Takes a limit away, where a test asks for it.
    pub alter: Arc<dyn Fn(&mut Config) + Send + Sync>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The `.env` beside it is no good.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The configuration is no good.
    #[error("{0}")]
    Config(ConfigErrors),
    /// Together with the command line it is no good.
    #[error("`verify = false` serves this machine alone, and `{0}` is reached by others")]
    Reached(SocketAddr),
}

impl Source {
    /// Reads it, and all that it includes.
    ///
    /// # Errors
    /// Where it is no good; all that is wrong with it, together.
    pub fn load(&self) -> (Inputs, Result<Config, SourceError>) {
        let environment = match Environment::beside(&self.path) {
            Ok(environment) => environment,
            Err(error) => return (Inputs::default(), Err(error.into())),
        };
        let Reading { inputs, config } = Reading::of(&self.path, &environment);
        let config = config.map_err(SourceError::Config);
        (inputs, config.and_then(|config| self.applied(config)))
    }

    /// The same, outside of the runtime's workers, and with all that is wrong as one text.
    pub(super) async fn read(&self) -> (Inputs, Result<Config, String>) {
        let source = self.clone();
        let read = tokio::task::spawn_blocking(move || source.load()).await;
        match read {
            Ok((inputs, config)) => (inputs, config.map_err(|error| error.to_string())),
            Err(_) => (
                Inputs::default(),
                Err("the host failed to read it".to_owned()),
            ),
        }
    }

    fn applied(&self, mut config: Config) -> Result<Config, SourceError> {
        if let Some(listen) = self.listen {
            if !config.server.verify && !listen.ip().is_loopback() {
                return Err(SourceError::Reached(listen));
            }
            config.server.listen = listen;
        }
        (self.alter)(&mut config);
        Ok(config)
    }
}
