//! The grammar, from a typed text to a command, a mistake, a help page or a suggestion.

use steward::command::{self, Command, parse, split};

fn read(text: &str) -> Result<Command, String> {
    parse(&split(text))
        .map_err(|mistake| format!("{}\n{}", mistake.text().to_plain(), mistake.hint("/claude").to_plain()))
}

#[test]
fn look() {
    for text in [
        "help",
        "invite",
        "invite ada@example.com --role admin",
        "invite ada@example.com --role member",
        "invite ada@example.com role:devloper",
        "invte x",
        "members foo bar",
        "member foo",
        "member show Ada Lovelace",
        "member show",
        "member role ada@x.de",
        "members --role x",
        "audit --since yesterday",
        "audit verify",
        "audit --verify --of me",
        "request list --mine --all",
        "request approve x",
        "approve c17-K3F9",
        "invite a@b",
        "invite аda@example.com",
        "invite ada@example.com --reason I need it",
        "invite ada@example.com --reason",
        "invite ada@example.com --workspace a:b",
        "invite ada@example.com --rol x",
        "keys",
        "sk-ant-admin01-abcdef",
        "",
        "--help",
        "invite --help",
        "member",
        "member --role admin",
        "request list --page 0",
        "invite user_01",
        "invite who",
        "doctor foo",
        "invite ada@example.com --dry-run:false workspace:a,b:developer",
        "invite --role developer --role user a@b.de",
    ] {
        println!(
            "> {text}\n{}",
            match read(text) {
                Ok(c) => format!("{c:?}"),
                Err(e) => e,
            }
        );
    }
    for topic in ["", "invite", "member", "member role", "billing"] {
        println!("--- {topic}\n{:#?}", plain(&command::help("/claude", &split(topic))));
    }
    let words = split("invite ada@example.com --role developer --workspace a:workspace_user --reason x");
    let at = std::time::Instant::now();
    for _ in 0..1000 {
        parse(&words).ok().unwrap();
    }
    println!("{:?}", at.elapsed() / 1000);
    let d = command::manifest::discord("/claude");
    println!("{} {}", command::manifest::discord_text(&d[0]), serde_json::to_string_pretty(&d).unwrap().len());
    for t in [
        "",
        "i",
        "member ",
        "member role ada ",
        "invite x --role ",
        "invite x role:d",
        "invite x ",
        "help m",
        "invite x --w",
        "app",
    ] {
        let mut w = split(t);
        if t.ends_with(' ') || t.is_empty() {
            w.push(String::new());
        }
        println!("{t:?} -> {:?} {:?}", command::suggest(&w), command::expects(&w));
    }
}

fn plain(message: &steward::chat::Message) -> String {
    use steward::chat::Block;
    let mut out = message.text.to_plain();
    for block in &message.blocks {
        out.push('\n');
        match block {
            Block::Paragraph(text) => out.push_str(&text.to_plain()),
            Block::Heading(text) => out.push_str(&format!("# {text}")),
            Block::Fields(fields) => out.push_str(
                &fields.iter().map(|(n, t)| format!("{n} - {}", t.to_plain())).collect::<Vec<_>>().join("\n"),
            ),
            Block::Code(text) => out.push_str(text),
            other => panic!("{other:?}"),
        }
    }
    if let Some(hint) = &message.hint {
        out.push_str(&format!("\n({})", hint.to_plain()));
    }
    out
}
