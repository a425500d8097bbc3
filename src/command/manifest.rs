//! What both platforms are told of the commands, from the tree: Discord's registration and Slack's app manifest.

use clap::Arg;
use serde_json::{Value, json};

use super::complete::Expecting;
use super::{Missing, form, grammar, page};

/// Discord's rule: entries at one level, options of one command, choices of one option.
pub const DISCORD_MOST_ENTRIES: usize = 25;
/// Discord's rule: names, descriptions and choices of one command, all together, in characters.
pub const DISCORD_MOST_TEXT: usize = 8_000;

/// Longer lists of choices are suggested while somebody types: each choice counts twice against Discord's limit of text.
const MOST_CHOICES: usize = 12;
const DESCRIPTION_MOST: usize = 100;
const SUBCOMMAND: u8 = 1;
const GROUP: u8 = 2;
const STRING: u8 = 3;
const INTEGER: u8 = 4;
const BOOLEAN: u8 = 5;

/// What stands on the menu of a message in Discord.
pub const LEAK_COMMAND: &str = "Report leaked key";

/// The body of the bulk registration of Discord's global commands. `root` may have a slash before it.
#[must_use]
pub fn discord(root: &str) -> Value {
    let entry = |node| discord_entry(node, &[]);
    json!([{
        "type": 1,
        "name": root.trim_start_matches('/').to_lowercase(),
        "description": description(grammar::grown()),
        "contexts": [0],
        "integration_types": [0],
        "options": grammar::grown().get_subcommands().map(entry).collect::<Vec<_>>(),
    }, {
        "type": 3,
        "name": LEAK_COMMAND,
        "contexts": [0],
        "integration_types": [0],
    }])
}

fn discord_entry(node: &clap::Command, above: &[&str]) -> Value {
    let path: Vec<&str> = above.iter().copied().chain([node.get_name()]).collect();
    let (kind, options): (u8, Vec<Value>) = if node.has_subcommands() && above.is_empty() {
        (GROUP, node.get_subcommands().map(|child| discord_entry(child, &path)).collect())
    } else {
        // Text is scarce, and lists are turned by buttons.
        let mut arguments: Vec<&Arg> = page::shown(node).filter(|it| it.get_id() != "page").collect();
        arguments.sort_by_key(|arg| !arg.is_required_set());
        // Where a form asks for what is missing, Discord need not insist on it.
        let path = path.iter().map(ToString::to_string).collect();
        let asks = form(&Missing { path, given: Vec::new(), names: Vec::new() }).is_some();
        (SUBCOMMAND, arguments.into_iter().map(|arg| discord_option(arg, arg.is_required_set() && !asks)).collect())
    };
    let mut entry = json!({ "type": kind, "name": node.get_name(), "description": description(node) });
    if !options.is_empty() {
        entry["options"] = options.into();
    }
    entry
}

fn discord_option(arg: &Arg, is_required: bool) -> Value {
    let is_number = arg.get_value_names().is_some_and(|names| names.iter().any(|name| name == "number"));
    let kind = if !grammar::takes_value(arg) {
        BOOLEAN
    } else if is_number {
        INTEGER
    } else {
        STRING
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let name = arg.get_long().unwrap_or(arg.get_id().as_str());
    let mut option = json!({ "type": kind, "name": name, "description": shortened(&help) });
    if is_required {
        option["required"] = true.into();
    }
    if is_number {
        option["min_value"] = 1.into();
    }
    let values = grammar::values_of(arg);
    if Expecting::of(arg).is_some() || grammar::is_repeatable(arg) || values.len() > MOST_CHOICES {
        option["autocomplete"] = true.into();
    } else if !values.is_empty() {
        option["choices"] = values.iter().map(|(value, _)| json!({ "name": value, "value": value })).collect();
    }
    option
}

fn description(node: &clap::Command) -> String {
    shortened(&node.get_about().map(ToString::to_string).unwrap_or_default())
}

fn shortened(text: &str) -> String {
    text.chars().take(DESCRIPTION_MOST).collect()
}

/// The two files under `manifest/`, by name. They are written by `steward manifest`, and a test compares them.
#[must_use]
pub fn files(root: &str, http_url: Option<&str>) -> [(&'static str, String); 2] {
    [("slack.yaml", slack(root, http_url)), ("discord.json", format!("{:#}\n", discord(root)))]
}

/// How much text Discord counts in one registered command.
#[must_use]
pub fn discord_text(command: &Value) -> usize {
    let own = ["name", "description", "value"].iter().filter_map(|key| command[key].as_str());
    let below = ["options", "choices"].iter().filter_map(|key| command[key].as_array()).flatten();
    own.map(|text| text.chars().count()).sum::<usize>() + below.map(discord_text).sum::<usize>()
}

/// Slack's app manifest. With the address that Slack can reach, it uses HTTP; without one, Socket Mode.
#[must_use]
pub fn slack(root: &str, http_url: Option<&str>) -> String {
    let root = format!("/{}", root.trim_start_matches('/').to_lowercase());
    let url = |path: &str, key: &str, indent: usize| {
        let line = |base: &str| {
            format!("\n{}{key}: {}", " ".repeat(indent), quoted(&format!("{}{path}", base.trim_end_matches('/'))))
        };
        http_url.map(line).unwrap_or_default()
    };
    SLACK
        .replace("{root}", &quoted(&root))
        .replace("{about}", &quoted(&description(grammar::grown())))
        .replace("{usage}", &quoted(&slack_usage()))
        .replace("{command_url}", &url("/slack/command", "url", 6))
        .replace("{event_url}", &url("/slack/event", "request_url", 4))
        .replace("{interaction_url}", &url("/slack/interaction", "request_url", 4))
        .replace("{socket_mode}", if http_url.is_none() { "true" } else { "false" })
}

/// A link that opens Slack with this manifest filled in, to make the app of it.
#[must_use]
pub fn slack_link(root: &str, http_url: Option<&str>) -> String {
    let manifest = slack(root, http_url);
    // A plus sign means a space in forms alone.
    let filled = url::form_urlencoded::byte_serialize(manifest.as_bytes()).collect::<String>().replace('+', "%20");
    format!("https://api.slack.com/apps?new_app=1&manifest_yaml={filled}")
}

/// What Slack shows behind the command while it is typed; at most 1,000 characters.
fn slack_usage() -> String {
    let commands = grammar::grown().get_subcommands().map(clap::Command::get_name);
    commands.collect::<Vec<_>>().join(" | ")
}

/// A text in double quotes, as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The callback id of a shortcut is the command that it begins.
const SLACK: &str = r#"_metadata:
  major_version: 2
  minor_version: 1
display_information:
  name: "Steward"
  description: {about}
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: "steward"
    always_online: true
  slash_commands:
    - command: {root}
      description: {about}
      usage_hint: {usage}
      should_escape: true{command_url}
  shortcuts:
    - name: "Invite a colleague"
      type: "global"
      callback_id: "invite"
      description: "Ask somebody into the organization"
    - name: "Request an API key"
      type: "global"
      callback_id: "key_request"
      description: "Ask for an API key"
    - name: "Report a leaked key"
      type: "message"
      callback_id: "key_leak"
      description: "Switch off the API key in this message"
oauth_config:
  scopes:
    bot:
      - "commands"
      - "chat:write"
      - "im:write"
      - "users:read"
      - "users:read.email"
    bot_optional:
      - "chat:write.public"
      - "files:write"
      - "usergroups:read"
settings:
  event_subscriptions:{event_url}
    bot_events:
      - "app_home_opened"
      - "app_uninstalled"
      - "tokens_revoked"
      - "user_change"
  interactivity:
    is_enabled: true{interaction_url}
  org_deploy_enabled: false
  socket_mode_enabled: {socket_mode}
  token_rotation_enabled: false
"#;
