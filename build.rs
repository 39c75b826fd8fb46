//! Joins the modules of `src/shell` into one, which wasm-bindgen then hands out beside its glue.
//!
//! One file and not some twenty: a page has it after one request, and not after a chain of them; and the server of
//! `wasm-pack test` stalls where a page asks for many files at once.
//!
//! It does not parse JavaScript. The modules share one scope afterwards, so no two of them may declare the same name at
//! the top level: the build fails if they do. Imports and re-exports use the exported name, without `as`, and comments
//! fill whole lines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/shell");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return Ok(());
    }
    let mut shell = Shell::default();
    let mut files: Vec<_> = fs::read_dir("src/shell")?.collect::<Result<_, _>>()?;
    files.sort_by_key(|file| file.path());
    for file in files {
        if file.path().extension().is_some_and(|extension| extension == "js") {
            shell.add(&file.path())?;
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("shell.rs"), format!("shell! {{ {:?} }}\n", shell.text))
}

/// The modules that are joined so far.
#[derive(Default)]
struct Shell {
    modules: Vec<PathBuf>,
    /// Maps each name that is declared at the top level to its module.
    names: HashMap<String, PathBuf>,
    text: String,
}

impl Shell {
    /// Adds a module, behind those that it imports.
    fn add(&mut self, module: &Path) -> io::Result<()> {
        if self.modules.iter().any(|added| added == module) {
            return Ok(());
        }
        self.modules.push(module.to_owned());
        let source = fs::read_to_string(module)?;
        let (mut code, mut statement) = (String::new(), String::new());
        let mut is_comment = false;
        for line in source.lines() {
            let trimmed = line.trim();
            if !statement.is_empty() || line.starts_with("import ") || line.starts_with("export {")
            {
                statement.push_str(line);
                if let Some((_, from)) = statement.split_once(" from './") {
                    self.add(&module.with_file_name(from.trim_end_matches("';")))?;
                    statement.clear();
                }
                continue;
            }
            if let Some(name) = declared(line)
                && let Some(other) = self.names.insert(name.to_owned(), module.to_owned())
            {
                return Err(io::Error::other(format!(
                    "{} and {} both declare `{name}` at the top level, but are joined into one scope: rename one of them",
                    other.display(),
                    module.display(),
                )));
            }
            is_comment |=
                trimmed.starts_with("//") || trimmed.starts_with("/*") && is_whole(trimmed);
            if !is_comment && !trimmed.is_empty() {
                code.push_str(line);
                code.push('\n');
            }
            is_comment &= !trimmed.starts_with("//") && !trimmed.ends_with("*/");
        }
        self.text.push_str(&code);
        Ok(())
    }
}

/// Returns the name that a line declares at the top level: such lines are not indented.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (_, rest) = line.split_once(' ').filter(|(keyword, _)| {
        ["const", "let", "var", "class", "function", "function*"].contains(keyword)
    })?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next()
}

/// Tells if a line holds nothing but the comment that it begins with.
fn is_whole(line: &str) -> bool {
    line.find("*/").is_none_or(|end| end + 2 == line.len())
}
