//! What Discord takes at most, each with the page that says so. Lengths are in UTF-16 units, the strictest way to count.

use crate::platform::measure::shortened;

/// A message's content. <https://docs.discord.com/developers/resources/message#create-message>
pub(super) const CONTENT: usize = 2_000;
/// Embeds of a message. <https://docs.discord.com/developers/resources/message#embed-object-embed-limits>
pub(super) const EMBEDS: usize = 10;
/// All embeds of a message together, in characters. Discord says 6,000; a sentence must fit in always.
pub(super) const EMBED_TEXT: usize = 5_800;
/// An embed's description. Discord says 4,096; a sentence must fit in always.
pub(super) const DESCRIPTION: usize = 3_900;
/// One run of text within a description: smaller runs leave less of an embed empty.
pub(super) const RUN: usize = 1_900;
/// Fields of an embed.
pub(super) const FIELDS: usize = 25;
/// A field's name.
pub(super) const FIELD_NAME: usize = 256;
/// A field's value.
pub(super) const FIELD_VALUE: usize = 1_024;
/// Files of a message. <https://docs.discord.com/developers/reference#uploading-files>
pub(super) const FILES: usize = 10;
/// A file, in bytes. <https://docs.discord.com/developers/reference#uploading-files>
pub(super) const FILE_BYTES: usize = 10 * 1024 * 1024;
/// All files of a message together, in bytes. Discord says 25 MiB a request; the message itself must fit in, too.
/// <https://docs.discord.com/developers/reference#uploading-files>
pub(super) const FILES_BYTES: usize = 24 * 1024 * 1024;
/// What a screen reader says of a file. <https://docs.discord.com/developers/resources/message#attachment-object>
pub(super) const ALT_TEXT: usize = 1_024;
/// Rows of components. <https://docs.discord.com/developers/components/reference#action-row>
pub(super) const ROWS: usize = 5;
/// Buttons of a row.
pub(super) const ROW_BUTTONS: usize = 5;
/// A button's label. <https://docs.discord.com/developers/components/reference#button>
pub(super) const BUTTON_LABEL: usize = 80;
/// The name of a component or a modal. <https://docs.discord.com/developers/components/reference#anatomy-of-a-component>
pub(super) const CUSTOM_ID: usize = 100;
/// Options of a select. <https://docs.discord.com/developers/components/reference#string-select>
pub(super) const OPTIONS: usize = 25;
/// An option's label and value; the name and value of a suggestion.
pub(super) const OPTION_TEXT: usize = 100;
/// What an empty select shows.
pub(super) const PLACEHOLDER: usize = 150;
/// A modal's title. <https://docs.discord.com/developers/interactions/receiving-and-responding>
pub(super) const MODAL_TITLE: usize = 45;
/// Inputs of a modal.
pub(super) const MODAL_INPUTS: usize = 5;
/// The label of a text input. <https://docs.discord.com/developers/components/reference#text-input>
pub(super) const INPUT_LABEL: usize = 45;
/// What an empty text input shows.
pub(super) const INPUT_PLACEHOLDER: usize = 100;
/// What may be typed into a text input.
pub(super) const INPUT_LENGTH: u16 = 4_000;
/// Suggestions at a time. <https://docs.discord.com/developers/interactions/application-commands#autocomplete>
pub(super) const SUGGESTIONS: usize = 25;
/// The name of a thread. <https://docs.discord.com/developers/resources/channel#start-thread-from-message>
pub(super) const THREAD_NAME: usize = 100;
/// Accounts or roles that one message may mention. <https://docs.discord.com/developers/resources/message#allowed-mentions-object>
pub(super) const MENTIONS: usize = 100;
/// How long Discord waits for the first answer. <https://docs.discord.com/developers/interactions/receiving-and-responding>
pub(super) const ANSWER_MS: u64 = 3_000;
/// How long the token of an interaction lives. Discord says 15 minutes; the last one is left alone.
pub(super) const TOKEN_MS: i64 = 14 * 60_000;
/// The largest body of an interaction that is read. Discord's page names none.
pub(super) const BODY_BYTES: usize = 512 * 1024;
/// How old or how far ahead a signed request may be. Discord's page names none; Slack's rule.
pub(super) const FRESH_SECONDS: i64 = 300;

/// `text`, at most `most` long, of what is read: Discord refuses an empty one.
pub(super) fn read(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.is_empty() { "–".to_owned() } else { shortened(text, most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_read_becomes_a_dash() {
        assert_eq!([read(" \n ", 3), read(" abcd ", 3)], ["–", "ab…"]);
    }
}
