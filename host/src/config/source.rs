//! Reads the configuration's files: the first, and those that it includes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::parse;
use super::error::{ConfigError, ConfigErrors, Place, SourceText};
use super::inputs::Inputs;
use super::raw::{At, RawConfig};

/// The longest configuration file, in bytes. A thousand add-ons need a tenth of it.
const LONGEST_FILE: u64 = 8 * 1024 * 1024;

/// One file, read and parsed.
pub(super) struct RawFile {
    pub(super) source: Arc<SourceText>,
    pub(super) raw: RawConfig,
}

/// Reads the first file and all that it includes, in the order of their names.
pub(super) fn read_all(
    path: &Path,
    root: &Path,
    inputs: &mut Inputs,
) -> Result<Vec<RawFile>, ConfigErrors> {
    let first = read(path, inputs)?;
    let mut errors = Vec::new();
    let mut included = Vec::new();
    for pattern in &first.raw.include {
        inputs.pattern(&root.join(pattern.get_ref()));
        match expand(pattern, root, &first.source) {
            Ok(paths) => included.extend(paths),
            Err(error) => errors.push(*error),
        }
    }
    let mut files = vec![first];
    for path in included {
        match read(&path, inputs) {
            Ok(file) => files.push(file),
            Err(ConfigErrors(more)) => errors.extend(more),
        }
    }
    match errors.is_empty() {
        true => Ok(files),
        false => Err(ConfigErrors::sorted(errors)),
    }
}

fn read(path: &Path, inputs: &mut Inputs) -> Result<RawFile, ConfigErrors> {
    let name = path.display().to_string();
    let unreadable = |problem: String| {
        let source = Arc::new(SourceText {
            name: name.clone(),
            text: String::new(),
        });
        ConfigErrors(vec![ConfigError {
            place: Place { source, span: 0..0 },
            key: String::new(),
            problem,
            help: "name another file with --config, or create this one".to_owned(),
            other: None,
        }])
    };
    inputs.file(path, None);
    let length = std::fs::metadata(path).map(|meta| meta.len());
    let text = match length {
        Ok(length) if length > LONGEST_FILE => {
            return Err(unreadable(format!(
                "the file is longer than {LONGEST_FILE} bytes"
            )));
        }
        _ => std::fs::read_to_string(path)
            .map_err(|error| unreadable(format!("the file cannot be read: {error}")))?,
    };
    inputs.file(path, Some(text.as_bytes()));
    parse(Arc::new(SourceText { name, text }))
}

/// The files that a pattern names. A pattern that names none is refused only where it
/// is no pattern but a name.
fn expand(
    pattern: &At<String>,
    root: &Path,
    source: &Arc<SourceText>,
) -> Result<Vec<PathBuf>, Box<ConfigError>> {
    let failed = |problem: String, help: &str| {
        Box::new(ConfigError {
            place: Place {
                source: Arc::clone(source),
                span: pattern.span(),
            },
            key: "include".to_owned(),
            problem,
            help: help.to_owned(),
            other: None,
        })
    };
    let text = pattern.get_ref();
    let full = root.join(text);
    let full = full.to_string_lossy();
    let found = glob::glob(&full).map_err(|error| {
        failed(
            format!("`{text}` is no pattern: {}", error.msg),
            "write a path in which `*` stands for any name",
        )
    })?;
    let mut paths: Vec<PathBuf> = found.filter_map(Result::ok).collect();
    paths.sort();
    if paths.is_empty() && !text.contains(['*', '?', '[']) {
        let help = "create the file, or remove it from the list";
        return Err(failed(format!("there is no file `{text}`"), help));
    }
    Ok(paths)
}
