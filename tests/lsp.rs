//! The language server, asked by a scripted editor over stdin and stdout.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::binary::{BINARY, PAIRS, Place};
use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor with a folder open.
struct Editor {
    server: Child,
    stdin: ChildStdin,
    heard: Receiver<Value>,
    n_asked: i64,
    /// What was told and not asked for.
    told: Vec<Value>,
    place: Place,
}

impl Editor {
    fn started(place: Place, arguments: &[&str]) -> Editor {
        let mut editor = Editor::without_greeting(place, arguments);
        let root = editor.uri("");
        let told = editor.ask(
            "initialize",
            json!({ "processId": null, "rootUri": root, "capabilities": {},
                    "workspaceFolders": [{ "uri": root, "name": "here" }] }),
        );
        assert_eq!(told["serverInfo"]["name"], "superpose");
        assert_eq!(told["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", json!({}));
        editor
    }

    fn without_greeting(place: Place, arguments: &[&str]) -> Editor {
        let mut command = Command::new(BINARY);
        command.arg("lsp").args(arguments).current_dir(place.folder());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let stdin = server.stdin.take().unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let (say, heard) = channel();
        std::thread::spawn(move || {
            while let Some(message) = message(&mut stdout) {
                if say.send(message).is_err() {
                    return;
                }
            }
        });
        Editor { server, stdin, heard, n_asked: 0, told: Vec::new(), place }
    }

    fn uri(&self, name: &str) -> String {
        // Nothing of a temporary folder's name needs another spelling.
        format!("file://{}", self.place.path(name).display())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.stdin.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The whole answer.
    fn response(&mut self, method: &str, params: Value) -> Value {
        self.n_asked += 1;
        let id = self.n_asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.heard.recv_timeout(PATIENCE).expect("an answer");
            if message["id"] == id {
                return message;
            }
            self.told.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.response(method, params);
        assert_eq!(response.get("error"), None, "{response}");
        response["result"].clone()
    }

    fn open(&mut self, name: &str, text: &str) {
        self.place.write(name, text);
        let uri = self.uri(name);
        let document = json!({ "uri": uri, "languageId": "circ", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, version: i64, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    /// Where a text stands in a file, behind its first `before` bytes.
    fn at(&self, name: &str, text: &str, before: &str) -> Value {
        let offset = text.find(before).unwrap() + before.len();
        let line = text[..offset].matches('\n').count();
        let column = text[..offset].rsplit('\n').next().unwrap().encode_utf16().count();
        json!({ "textDocument": { "uri": self.uri(name) }, "position": { "line": line, "character": column } })
    }

    /// What is next said to be wrong with a file, in this version of it.
    fn problems(&mut self, name: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(name);
        let is_meant = |message: &Value| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri.as_str()
                && params["version"] == version
        };
        let params = loop {
            if let Some(place) = self.told.iter().position(is_meant) {
                break self.told.remove(place)["params"].clone();
            }
            let message = self.heard.recv_timeout(PATIENCE).expect("a word on what is wrong");
            self.told.push(message);
        };
        params["diagnostics"].as_array().unwrap().clone()
    }

    /// Ends it as editors do.
    fn close(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        let status = self.server.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

fn message(from: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The text after some edits of one file.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        // These texts are ASCII where they are edited.
        start + position["character"].as_u64().unwrap() as usize
    };
    let mut places: Vec<(usize, usize, String)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    places.sort();
    let mut out = text.to_owned();
    for (start, end, new) in places.into_iter().rev() {
        out.replace_range(start..end, &new);
    }
    out
}

#[test]
fn problems_are_told_as_one_types_and_mended_by_what_they_say() {
    let mut editor = Editor::started(Place::empty(), &["--no-errors"]);
    editor.open("pairs.circ", PAIRS);
    assert_eq!(editor.problems("pairs.circ", 1), [] as [Value; 0]);
    // The emoji is two columns wide for an editor.
    let slip = PAIRS.replace("p[i] = x[i] & x[i+1]", "/* 🙂 */ p[i] = x[i] & y[i+1]");
    let slip = slip.replace("circuit pairs;", "circuit pairs");
    editor.change("pairs.circ", 2, &slip);
    let problems = editor.problems("pairs.circ", 2);
    let found: Vec<(&str, &Value)> =
        problems.iter().map(|problem| (problem["code"].as_str().unwrap(), &problem["range"]["start"])).collect();
    assert_eq!(found[0].0, "missing-semicolon", "{problems:?}");
    let unknown = found.iter().find(|(code, _)| *code == "unknown-name").expect("`y` is written nowhere else");
    assert_eq!(*unknown.1, json!({ "line": 10, "character": 25 }));
    assert!(problems[0]["message"].as_str().unwrap().contains("help: end every statement with `;`"));

    let range = &problems[0]["range"];
    let uri = editor.uri("pairs.circ");
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params);
    let action = &actions.as_array().unwrap()[0];
    assert_eq!((action["title"].as_str(), action["kind"].as_str()), (Some("Write `;`"), Some("quickfix")));
    let mended = edited(&slip, &action["edit"]["changes"][&uri]);
    assert!(mended.starts_with("circuit pairs;\n"), "{mended}");
    editor.change("pairs.circ", 3, &mended);
    assert_eq!(editor.problems("pairs.circ", 3).len(), 1);
    editor.close();
}

const ADDERS: &str = "gate half(a, b) -> (s, c) {\n  s = a ^ b;\n  c = a & b;\n}\n";
const SUMS: &str = "use \"adders.circ\";\nfeature x, y;\n(s, c) = half(x, y);\n";

#[test]
fn a_name_is_followed_through_files_and_changed_in_all_of_them() {
    let place = Place::empty();
    place.write("more/sums.circ", &SUMS.replace("\"adders", "\"../adders"));
    let mut editor = Editor::started(place, &["--no-errors"]);
    editor.open("adders.circ", ADDERS);
    // A file for others needs no gates of its own.
    assert_eq!(editor.problems("adders.circ", 1), [] as [Value; 0]);
    editor.open("sums.circ", SUMS);
    editor.problems("sums.circ", 1);
    let at = editor.at("sums.circ", SUMS, "= ha");
    let definitions = editor.ask("textDocument/definition", at.clone());
    assert_eq!(definitions[0]["uri"], editor.uri("adders.circ"));
    assert_eq!(definitions[0]["range"]["start"], json!({ "line": 0, "character": 5 }));

    let mut params = at.clone();
    params["context"] = json!({ "includeDeclaration": true });
    let references = editor.ask("textDocument/references", params.clone());
    assert_eq!(references.as_array().unwrap().len(), 3, "{references}");
    params["context"] = json!({ "includeDeclaration": false });
    let references = editor.ask("textDocument/references", params);
    assert_eq!(references.as_array().unwrap().len(), 2, "{references}");

    let hover = editor.ask("textDocument/hover", at.clone());
    assert!(hover["contents"]["value"].as_str().unwrap().contains("gate half(a, b) -> (s, c)"), "{hover}");

    let range = editor.ask("textDocument/prepareRename", at.clone());
    assert_eq!(range["end"], json!({ "line": 2, "character": 13 }));
    let mut params = at.clone();
    params["newName"] = json!("half_adder");
    let changes = editor.ask("textDocument/rename", params.clone())["changes"].clone();
    assert_eq!(changes.as_object().unwrap().len(), 3, "{changes}");
    assert!(edited(ADDERS, &changes[editor.uri("adders.circ")]).starts_with("gate half_adder(a, b)"));
    params["newName"] = json!("any");
    let refused = editor.response("textDocument/rename", params);
    assert!(refused["error"]["message"].as_str().unwrap().contains("means something else"), "{refused}");

    // What another file says is heard from the editor first, and from the disk when it is closed.
    editor.change("adders.circ", 2, &ADDERS.replace("half", "full"));
    let problems = editor.problems("sums.circ", 1);
    assert_eq!(problems[0]["code"], "unknown-function", "{problems:?}");
    let adders = json!({ "textDocument": { "uri": editor.uri("adders.circ") } });
    editor.tell("textDocument/didClose", adders);
    assert_eq!(editor.problems("sums.circ", 1), [] as [Value; 0]);
    editor.close();
}

#[test]
fn a_text_is_completed_outlined_and_brought_into_its_canonical_form() {
    let mut editor = Editor::started(Place::empty(), &["--no-errors", "--stdio"]);
    let text = PAIRS.replace("width 64;", "construction ;\n   width   64;");
    editor.open("pairs.circ", &text);
    let at = editor.at("pairs.circ", &text, "construction ");
    let items = editor.ask("textDocument/completion", at);
    let labels: Vec<&str> = items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"universal") && !labels.contains(&"feature"), "{labels:?}");

    let whole = json!({ "textDocument": { "uri": editor.uri("pairs.circ") } });
    let symbols = editor.ask("textDocument/documentSymbol", whole.clone());
    let names: Vec<&str> = symbols.as_array().unwrap().iter().map(|symbol| symbol["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["x", "both"]);
    assert_eq!(symbols[1]["children"][0]["name"], "p");

    let mut params = whole;
    params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
    assert_eq!(editor.ask("textDocument/formatting", params.clone()), Value::Null, "a text with slips is left");
    editor.change("pairs.circ", 2, &PAIRS.replace("width 64;", "width   64  ;"));
    let edits = editor.ask("textDocument/formatting", params);
    assert_eq!(edits[0]["newText"], PAIRS);
    editor.close();
}

/// What is saved is compiled and evaluated beside the answers.
#[test]
fn a_hover_tells_how_far_off_a_gate_is_read() {
    let mut editor = Editor::started(Place::empty(), &[]);
    editor.open("pairs.circ", PAIRS);
    let at = editor.at("pairs.circ", PAIRS, "both {\n  p");
    let mut told = String::new();
    for _ in 0..600 {
        told = editor.ask("textDocument/hover", at.clone())["contents"]["value"].as_str().unwrap().to_owned();
        if told.contains("from the truth") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(told.contains("7 gates `and` of 2, layer `both`"), "{told}");
    assert!(told.contains("at worst 0.") && told.contains("64 neurons at -O2"), "{told}");
    editor.close();
}

#[test]
fn nonsense_is_answered_and_survived() {
    let mut editor = Editor::started(Place::empty(), &["--no-errors"]);
    let unknown = editor.response("textDocument/implementation", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = editor.response("textDocument/hover", json!({ "position": 7 }));
    assert_eq!(wrong["error"]["code"], -32602);
    editor.tell("textDocument/didChange", json!({ "textDocument": 3 }));
    let nowhere =
        json!({ "textDocument": { "uri": "untitled:Untitled-1" }, "position": { "line": 9, "character": 9 } });
    assert_eq!(editor.ask("textDocument/hover", nowhere.clone()), Value::Null);
    let document =
        json!({ "uri": "untitled:Untitled-1", "languageId": "circ", "version": 1, "text": "feature a; b = !a;" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    for method in ["hover", "definition", "completion"] {
        editor.ask(&format!("textDocument/{method}"), nowhere.clone());
    }
    editor.close();
}

/// An editor that goes away, or is none, ends it too: with a word, and no panic.
#[test]
fn whoever_is_no_editor_is_told_so() {
    let place = Place::empty();
    place.run_with(&["lsp"], "").ends(2);
    let ran = place.run_with(&["lsp"], "GET / HTTP/1.1\r\n\r\n").ends(2);
    assert!(ran.stderr.contains("do not understand each other") && !ran.stderr.contains("panicked"), "{ran:#?}");
    let mut editor = Editor::started(place, &[]);
    editor.open("a.circ", "feature a; b = !a;");
    drop(editor.stdin);
    editor.server.wait().unwrap();
}

#[test]
fn a_new_file_does_what_it_says_and_overwrites_nothing() {
    let place = Place::empty();
    let ran = place.run(&["new", "first-try"]).ends(0);
    assert!(ran.stderr.contains("superpose eval first-try.circ"), "{ran:#?}");
    assert!(place.read("first-try.circ").contains("circuit first_try;"));
    assert_eq!(place.run(&["check", "first-try.circ"]).ends(0).stderr, "");
    place.run(&["fmt", "--check", "first-try.circ"]).ends(0);
    place.run(&["eval", "first-try.circ"]).ends(0);
    let again = place.run(&["new", "first-try.circ"]).ends(2);
    assert!(again.stderr.contains("is there already"), "{again:#?}");
    assert!(place.run(&["new", "-"]).ends(0).stdout.contains("circuit mine;"));
    place.run(&["new", "nowhere/x"]).ends(2);
}
