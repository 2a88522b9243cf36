//! The language reference holds: its programs load, its fragments parse, its messages are the real ones.

mod common;

use common::{loaded, parsed, shown, text_of};
use superpose::compile::{construction_names, dictionary_names};
use superpose::program::{Activation, Decoder, METRICS, Mix, Sides};

/// A fenced block: what stands behind the fence, the line of the fence, and the content.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

fn reference() -> Vec<Block> {
    let page = text_of("grammar/README.md");
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (at, line) in page.lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                blocks.push(Block { kind: kind.to_string(), line: at + 1, text: String::new() });
            }
        } else if let (true, Some(block)) = (is_open, blocks.last_mut()) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    assert!(!is_open, "the last block is open");
    blocks
}

/// Everything that is wrong with a program that is called `example.circ`, as it is shown.
fn messages(text: &str) -> (bool, String) {
    let loaded = loaded(&[("example.circ", text)]);
    (loaded.program.is_some(), shown(&loaded.diagnostics, &loaded.sources))
}

#[test]
fn every_block_of_the_reference_is_what_it_says() {
    let blocks = reference();
    let mut n_programs = 0;
    for (at, block) in blocks.iter().enumerate() {
        let line = block.line;
        match block.kind.as_str() {
            "circ" => {
                n_programs += 1;
                let (_, said) = messages(&block.text);
                assert_eq!(said, "", "the program at line {line} is shown with");
            }
            "circ fragment" => {
                let (_, found, sources) = parsed("fragment.circ", &block.text);
                assert!(found.is_empty(), "line {line}: {}", shown(&found, &sources));
            }
            "circ error" => {
                let (is_circuit, said) = messages(&block.text);
                assert!(!is_circuit, "the program at line {line} has no error");
                let message = blocks.get(at + 1).filter(|next| next.kind == "text");
                let message = message.unwrap_or_else(|| panic!("no message follows line {line}"));
                assert_eq!(
                    said.trim_end(),
                    message.text.trim_end(),
                    "the message of the program at line {line} is\n{said}"
                );
            }
            "text" => {}
            other => panic!("line {line}: unknown kind of block `{other}`"),
        }
    }
    assert!(n_programs >= 8, "{n_programs} complete programs");
}

#[test]
fn every_name_that_a_program_can_choose_is_in_the_reference() {
    let page = text_of("grammar/README.md");
    let metrics = METRICS.iter().map(|row| row.name);
    let decoders = Decoder::ALL.into_iter().map(Decoder::name);
    let sides = Sides::ALL.into_iter().map(Sides::name);
    let mixes = Mix::ALL.into_iter().map(Mix::name);
    let chosen = sides.chain(Activation::ALL.into_iter().map(Activation::name)).chain(mixes);
    for name in construction_names().into_iter().chain(metrics).chain(decoders).chain(dictionary_names()).chain(chosen)
    {
        let is_said = |ending: &str| page.contains(&format!("`{name}{ending}"));
        assert!(is_said("`") || is_said("("), "the reference has no `{name}`");
    }
}
