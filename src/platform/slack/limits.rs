//! What Slack takes at most, each with the page that says so. Lengths are in UTF-16 units, the strictest way to count.

/// Blocks of a message. <https://docs.slack.dev/reference/block-kit/blocks>
pub(super) const MESSAGE_BLOCKS: usize = 50;
/// Blocks of a modal or of the Home tab. <https://docs.slack.dev/surfaces/modals>
pub(super) const VIEW_BLOCKS: usize = 100;
/// A message's text, which notifications and screen readers get. Slack cuts at 40,000 and advises 4,000.
/// <https://docs.slack.dev/reference/methods/chat.postMessage>
pub(super) const MESSAGE_TEXT: usize = 3_900;
/// The text of a section. <https://docs.slack.dev/reference/block-kit/blocks/section-block>
pub(super) const SECTION_TEXT: usize = 3_000;
/// The fields of a section. <https://docs.slack.dev/reference/block-kit/blocks/section-block>
pub(super) const SECTION_FIELDS: usize = 10;
/// One field of a section. <https://docs.slack.dev/reference/block-kit/blocks/section-block>
pub(super) const FIELD_TEXT: usize = 2_000;
/// A header. <https://docs.slack.dev/reference/block-kit/blocks/header-block>
pub(super) const HEADER_TEXT: usize = 150;
/// One element of a context block. <https://docs.slack.dev/reference/block-kit/blocks/context-block>
pub(super) const CONTEXT_TEXT: usize = 2_000;
/// Elements of an actions block. <https://docs.slack.dev/reference/block-kit/blocks/actions-block>
pub(super) const MOST_ACTIONS: usize = 25;
/// Buttons in a row, where there is room: five stay legible on a phone.
pub(super) const ACTIONS: usize = 5;
/// A button's label, and what a screen reader says instead of it.
/// <https://docs.slack.dev/reference/block-kit/block-elements/button-element>
pub(super) const BUTTON_TEXT: usize = 75;
/// The question before a press. <https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object>
pub(super) const CONFIRM_TITLE: usize = 100;
/// The text of that question. Slack's page says 300.
pub(super) const CONFIRM_TEXT: usize = 300;
/// The two buttons of that question.
pub(super) const CONFIRM_BUTTON: usize = 30;
/// Title, submit and close of a modal. <https://docs.slack.dev/reference/views/modal-views>
pub(super) const MODAL_WORD: usize = 24;
/// The label and the hint of an input. <https://docs.slack.dev/reference/block-kit/blocks/input-block>
pub(super) const INPUT_TEXT: usize = 2_000;
/// What may be typed into one input. <https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element>
pub(super) const INPUT_LENGTH: u16 = 3_000;
/// Options of a select. <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>
pub(super) const OPTIONS: usize = 100;
/// An option's text. <https://docs.slack.dev/reference/block-kit/composition-objects/option-object>
pub(super) const OPTION_TEXT: usize = 75;
/// An option's value: 150, measured in what we send, which is plain ASCII.
pub(super) const OPTION_VALUE: usize = 150;
/// Rows of a table, its head included. <https://docs.slack.dev/reference/block-kit/blocks/table-block>
pub(super) const TABLE_ROWS: usize = 100;
/// Columns of a table. <https://docs.slack.dev/reference/block-kit/blocks/table-block>
pub(super) const TABLE_COLUMNS: usize = 20;
/// The name of a column, so that twenty of them leave room for rows. Our own.
pub(super) const TABLE_HEAD: usize = 100;
/// All cells of a table together. <https://docs.slack.dev/reference/block-kit/blocks/data-table-block>
pub(super) const TABLE_TEXT: usize = 10_000;
/// What is said of a file to those who do not see it. <https://docs.slack.dev/reference/methods/files.getUploadURLExternal>
pub(super) const ALT_TEXT: usize = 1_000;
/// Charts of a message. <https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block>
pub(super) const CHARTS: usize = 2;
/// A chart's title. <https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block>
pub(super) const CHART_TITLE: usize = 50;
/// A label along a chart's axis, or a series' name.
pub(super) const CHART_LABEL: usize = 20;
/// Categories of a chart.
pub(super) const CHART_CATEGORIES: usize = 20;
/// Series or segments: one version of Slack's page says 6, another 12.
pub(super) const CHART_SERIES: usize = 6;

/// How long the answer to an act may take. <https://docs.slack.dev/interactivity/handling-user-interaction>
pub(super) const ANSWER_MS: u64 = 3_000;
/// How long a `response_url` lives, and how often it may be used.
/// <https://docs.slack.dev/interactivity/handling-user-interaction>
pub(super) const RESPONSE_URL_MS: i64 = 30 * 60_000;
/// How often a `response_url` may be used.
pub(super) const RESPONSE_URL_POSTS: u8 = 5;
/// The largest body that is read over HTTP: a form of the largest modal is far smaller.
pub(super) const BODY_BYTES: usize = 512 * 1024;
/// How old or how far ahead a signed request may be. <https://docs.slack.dev/authentication/verifying-requests-from-slack>
pub(super) const FRESH_SECONDS: i64 = 300;
