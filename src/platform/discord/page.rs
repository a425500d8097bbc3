//! One message as Discord takes it: content, embeds, rows of buttons, files; and whom it may mention.

use serde_json::{Value, json};

use super::limits::{ALT_TEXT, CONTENT, FILE_BYTES, FILES_BYTES, MENTIONS, read};
use crate::chat::{Content, File};
use crate::platform::measure::{length, shortened};
use crate::view;

/// One message to Discord, before its pictures are drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) content: String,
    pub(super) embeds: Vec<Value>,
    pub(super) rows: Vec<Value>,
    pub(super) files: Vec<File>,
    /// Whom the model mentions, by id. Nobody else is called, whatever stands in the text.
    pub(super) people: Vec<String>,
    pub(super) roles: Vec<String>,
}

/// A message that is ready to go.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) body: Value,
    /// Names and bytes, in the order of the body's `attachments`.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Page {
    /// Without its files: for places that take none.
    pub(super) fn bare(&self) -> Value {
        self.body(&[])
    }

    /// With its files, pictures drawn. What cannot be drawn or is too large is left out, and the text says so.
    pub(super) fn packed(&self) -> Packed {
        let (mut files, mut lost, mut room) = (Vec::new(), Vec::new(), FILES_BYTES);
        for file in &self.files {
            let fits = |it: &Vec<u8>| (1..=FILE_BYTES.min(room)).contains(&it.len());
            if let Some(bytes) = view::file::bytes(file).filter(fits) {
                room -= bytes.len();
                files.push((file.clone(), bytes));
            } else {
                tracing::warn!("a file was left out of a message");
                // A picture's numbers stand there as text.
                lost.extend(matches!(file.content, Content::Csv(_)).then(|| file.name()));
                metrics::counter!("steward_discord_files_failed_total").increment(1);
            }
        }
        let mut page = self.clone();
        if !lost.is_empty() {
            let note = format!("\n-# Could not be put here: {}. The command line gives it.", lost.join(", "));
            page.content = format!("{}{note}", shortened(&page.content, CONTENT.saturating_sub(length(&note))));
        }
        let body = page.body(&files.iter().map(|(file, _)| file).collect::<Vec<_>>());
        Packed { body, files: files.into_iter().map(|(file, bytes)| (file.name().to_owned(), bytes)).collect() }
    }

    fn body(&self, files: &[&File]) -> Value {
        let is_there = |url: &str| files.iter().any(|it| url == format!("attachment://{}", it.name()));
        let mut embeds = self.embeds.clone();
        for embed in &mut embeds {
            let is_missing = embed["image"]["url"].as_str().is_some_and(|url| !is_there(url));
            if let Some(fields) = embed.as_object_mut().filter(|_| is_missing) {
                fields.remove("image");
            }
        }
        embeds.retain(|it| it["description"].is_string() || it["fields"].is_array() || it["image"].is_object());
        let about = |(id, file): (usize, &&File)| json!({ "id": id.to_string(), "filename": file.name(), "description": read(&file.about, ALT_TEXT) });
        let some = |ids: &[String]| {
            let mut ids = ids.to_vec();
            ids.sort();
            ids.dedup();
            ids.truncate(MENTIONS);
            ids
        };
        let content = if self.content.trim().is_empty() && embeds.is_empty() { "Steward" } else { &self.content };
        json!({
            "content": content,
            "embeds": embeds,
            "components": self.rows,
            "attachments": files.iter().enumerate().map(about).collect::<Vec<_>>(),
            "allowed_mentions": { "parse": [], "users": some(&self.people), "roles": some(&self.roles) },
        })
    }
}

/// A page with its pictures drawn, aside: drawing takes a moment of the processor's.
pub(super) async fn drawn(page: Page) -> Packed {
    if page.files.is_empty() {
        return page.packed();
    }
    let bare = page.clone();
    let work = tokio::task::spawn_blocking(move || page.packed());
    work.await.unwrap_or_else(|_| Packed { body: bare.bare(), files: Vec::new() })
}
