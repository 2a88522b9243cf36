//! Requests in, answers out, until the editor says that it is done.
//!
//! What an editor sent is handled in the order in which it came; what is wrong is told once nothing more waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentSymbolRequest, Formatting, GotoDefinition, HoverRequest,
    PrepareRenameRequest, References, Rename, Request as _,
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionProviderCapability, CompletionItem,
    CompletionOptions, CompletionParams, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DidChangeTextDocumentParams, DocumentFormattingParams, DocumentSymbol, DocumentSymbolParams, GotoDefinitionParams,
    HoverContents, HoverParams, HoverProviderCapability, InitializeParams, Location, MarkupContent, MarkupKind,
    NumberOrString, OneOf, Position, PublishDiagnosticsParams, ReferenceParams, RenameOptions, RenameParams,
    ServerCapabilities, ServerInfo, TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, TextEdit, Uri, WorkspaceEdit,
};
use serde::Serialize;
use superpose::diagnostic::{self, FileId, Severity, Span};
use superpose::elaborate::Loader;
use superpose::ide::{self, Symbol, View};
use superpose::{circuit, syntax};

use super::convert::{Encoding, circuits_below, completion_kind, name_of, symbol_kind, uri_of};
use super::judge::Judge;
use crate::cli::read;

/// Talks to an editor over stdin and stdout.
///
/// # Errors
/// Where the editor does not keep to the protocol, or goes away in the midst of it.
pub fn serve(judges: bool) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (connection, threads) = Connection::stdio();
    let (id, asked) = connection.initialize_start()?;
    let asked: InitializeParams = serde_json::from_value(asked)?;
    let offered = asked.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
    let encoding = Encoding::of(offered);
    let info = ServerInfo { name: "superpose".into(), version: Some(env!("CARGO_PKG_VERSION").into()) };
    let told = serde_json::json!({ "capabilities": capabilities(encoding), "serverInfo": info });
    connection.initialize_finish(id, told)?;
    let server = Server {
        connection: &connection,
        encoding,
        roots: roots(&asked),
        open: BTreeMap::new(),
        views: HashMap::new(),
        changed: BTreeSet::new(),
        judge: judges.then(Judge::default),
    };
    server.run()?;
    drop(connection);
    threads.join()?;
    Ok(())
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        })),
        completion_provider: Some(CompletionOptions::default()),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    }
}

/// The folders that the editor has open.
fn roots(asked: &InitializeParams) -> Vec<PathBuf> {
    let folders = asked.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    #[expect(deprecated, reason = "what editors sent before there were several folders")]
    let root = asked.root_uri.iter().filter(|_| asked.workspace_folders.is_none());
    folders.chain(root).map(|uri| PathBuf::from(name_of(uri))).collect()
}

/// A text that an editor has open.
struct Document {
    uri: Uri,
    text: String,
    version: i32,
}

/// What is open, and else what is on disk.
struct Files<'o>(&'o BTreeMap<String, Document>);

impl Loader for Files<'_> {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        match self.0.get(path) {
            Some(document) => Ok(document.text.clone().into_bytes()),
            None => read::file(path, syntax::MAX_BYTES),
        }
    }

    fn read_rows(&mut self, path: &str) -> io::Result<Vec<u8>> {
        read::file(path, circuit::inputs::rows::MAX_BYTES)
    }
}

struct Server<'c> {
    connection: &'c Connection,
    encoding: Encoding,
    roots: Vec<PathBuf>,
    open: BTreeMap<String, Document>,
    /// Of open texts, as they are.
    views: HashMap<String, View>,
    /// Open texts of which the editor has not been told what is wrong.
    changed: BTreeSet<String>,
    judge: Option<Judge>,
}

type Answered = Result<serde_json::Value, Refusal>;

/// Why there is no answer.
struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Server<'_> {
    fn run(mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        while let Ok(first) = self.connection.receiver.recv() {
            let mut next = Some(first);
            while let Some(message) = next {
                if self.handled(message)?.is_break() {
                    return Ok(());
                }
                next = self.connection.receiver.try_recv().ok();
            }
            self.tell_problems()?;
        }
        Ok(())
    }

    fn handled(&mut self, message: Message) -> Result<ControlFlow<()>, Box<dyn Error + Send + Sync>> {
        match message {
            Message::Request(request) => {
                if self.connection.handle_shutdown(&request)? {
                    return Ok(ControlFlow::Break(()));
                }
                let id = request.id.clone();
                let response = match self.answer(request) {
                    Ok(result) => Response::new_ok(id, result),
                    Err(Refusal { code, message }) => Response::new_err(id, code as i32, message),
                };
                self.connection.sender.send(Message::Response(response))?;
            }
            Message::Notification(notification) => self.heard(notification),
            // Nothing is asked of the editor.
            Message::Response(_) => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What an editor says of its texts. What it says of other things is its own.
    fn heard(&mut self, notification: Notification) {
        let Notification { method, params, .. } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Ok(opened) = serde_json::from_value::<lsp_types::DidOpenTextDocumentParams>(params) else { return };
                let document = opened.text_document;
                let name = name_of(&document.uri);
                let (uri, text, version) = (document.uri, document.text, document.version);
                self.open.insert(name.clone(), Document { uri, text, version });
                self.is_other(&name);
                self.judge(&name);
            }
            DidChangeTextDocument::METHOD => {
                let Ok(changed) = serde_json::from_value::<DidChangeTextDocumentParams>(params) else { return };
                let name = name_of(&changed.text_document.uri);
                let Some(document) = self.open.get_mut(&name) else { return };
                document.version = changed.text_document.version;
                for change in changed.content_changes {
                    match change.range {
                        None => document.text = change.text,
                        Some(range) => {
                            let start = self.encoding.offset(&document.text, range.start) as usize;
                            let end = self.encoding.offset(&document.text, range.end) as usize;
                            document.text.replace_range(start..end.max(start), &change.text);
                        }
                    }
                }
                self.is_other(&name);
            }
            DidSaveTextDocument::METHOD => {
                let Ok(saved) = serde_json::from_value::<lsp_types::DidSaveTextDocumentParams>(params) else { return };
                self.judge(&name_of(&saved.text_document.uri));
            }
            DidCloseTextDocument::METHOD => {
                let Ok(closed) = serde_json::from_value::<lsp_types::DidCloseTextDocumentParams>(params) else {
                    return;
                };
                let name = name_of(&closed.text_document.uri);
                self.is_other(&name);
                self.open.remove(&name);
                self.changed.remove(&name);
                let none =
                    PublishDiagnosticsParams { uri: closed.text_document.uri, diagnostics: Vec::new(), version: None };
                // An editor that is gone needs no answer.
                let _ = self.tell(PublishDiagnostics::METHOD, none);
            }
            _ => {}
        }
    }

    /// A text is another than before: so is each that uses it.
    fn is_other(&mut self, name: &str) {
        let uses = |view: &View| view.loaded.sources.files.iter().any(|file| file.name == name);
        let others: Vec<String> =
            self.views.iter().filter(|(_, view)| uses(view)).map(|(other, _)| other.clone()).collect();
        for other in others.into_iter().chain([name.to_owned()]) {
            self.views.remove(&other);
            self.changed.insert(other);
        }
        if let Some(judge) = &self.judge {
            judge.forget(name);
        }
    }

    fn judge(&mut self, name: &str) {
        let Some(judge) = self.judge.clone() else { return };
        let Some(program) = self.view(name).and_then(|view| view.loaded.program.clone()) else { return };
        judge.ask(name.to_owned(), program);
    }

    fn view(&mut self, name: &str) -> Option<&View> {
        let open = &self.open;
        open.get(name)?;
        Some(self.views.entry(name.to_owned()).or_insert_with(|| View::of(name, &mut Files(open))))
    }

    fn tell(&self, method: &str, params: impl Serialize) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.connection.sender.send(Message::Notification(Notification::new(method.to_owned(), params)))?)
    }

    fn tell_problems(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        for name in std::mem::take(&mut self.changed) {
            let encoding = self.encoding;
            let Some(view) = self.view(&name) else { continue };
            let diagnostics = problems(view, encoding);
            let Some(document) = self.open.get(&name) else { continue };
            let (uri, version) = (document.uri.clone(), Some(document.version));
            self.tell(PublishDiagnostics::METHOD, PublishDiagnosticsParams { uri, diagnostics, version })?;
        }
        Ok(())
    }

    fn answer(&mut self, Request { method, params, .. }: Request) -> Answered {
        match method.as_str() {
            HoverRequest::METHOD => self.hover(read_as(params)?),
            GotoDefinition::METHOD => self.definition(read_as(params)?),
            References::METHOD => self.references(read_as(params)?),
            PrepareRenameRequest::METHOD => self.prepare_rename(read_as(params)?),
            Rename::METHOD => self.rename(read_as(params)?),
            Completion::METHOD => self.completion(read_as(params)?),
            Formatting::METHOD => self.formatting(read_as(params)?),
            DocumentSymbolRequest::METHOD => self.symbols(read_as(params)?),
            CodeActionRequest::METHOD => self.actions(read_as(params)?),
            _ => Err(failed(ErrorCode::MethodNotFound, format!("`{method}` is not known here"))),
        }
    }

    /// The view of a text, and the byte of it, that an editor means.
    fn place(&mut self, at: &TextDocumentPositionParams) -> Option<(&View, u32)> {
        let name = name_of(&at.text_document.uri);
        let offset = self.encoding.offset(&self.open.get(&name)?.text, at.position);
        Some((self.view(&name)?, offset))
    }

    fn hover(&mut self, params: HoverParams) -> Answered {
        let at = params.text_document_position_params;
        let errors = self.judge.as_ref().and_then(|judge| judge.errors(&name_of(&at.text_document.uri)));
        let encoding = self.encoding;
        let hover = self.place(&at).and_then(|(view, offset)| {
            let hover = ide::hover(view, FileId(0), offset, errors.as_deref())?;
            let contents = MarkupContent { kind: MarkupKind::Markdown, value: hover.markdown };
            let range = Some(range_of(view, encoding, hover.span));
            Some(lsp_types::Hover { contents: HoverContents::Markup(contents), range })
        });
        answered(hover)
    }

    fn definition(&mut self, params: GotoDefinitionParams) -> Answered {
        let encoding = self.encoding;
        let found = self.place(&params.text_document_position_params).map(|(view, offset)| {
            let symbol = view.index.at(FileId(0), offset);
            let definitions = symbol.iter().flat_map(|(symbol, _)| &symbol.definitions);
            definitions.filter_map(|&span| location(view, encoding, span)).collect::<Vec<Location>>()
        });
        answered(found)
    }

    /// The programs of the workspace, and of what is open, but for one.
    fn others(&self, name: &str) -> Vec<View> {
        let below = self.roots.iter().flat_map(|root| circuits_below(root));
        let names = below.map(|path| path.display().to_string()).chain(self.open.keys().cloned());
        let names: BTreeSet<String> = names.filter(|other| other != name).collect();
        names.iter().map(|other| View::of(other, &mut Files(&self.open))).collect()
    }

    fn references(&mut self, params: ReferenceParams) -> Answered {
        let at = params.text_document_position;
        let name = name_of(&at.text_document.uri);
        self.place(&at);
        let others = self.others(&name);
        let encoding = self.encoding;
        let Some((view, offset)) = self.place(&at) else { return answered(None::<()>) };
        let Some((symbol, _)) = view.index.at(FileId(0), offset) else { return answered(None::<()>) };
        let definitions = |file: &str, start: u32| {
            let is_there = |span: &Span| span.start == start && name_in(view, *span) == Some(file);
            symbol.definitions.iter().any(is_there)
        };
        let mut found = Vec::new();
        for (file, places) in ide::places(view, symbol, &others) {
            let Some((uri, text)) = uri_of(&file).zip(text_of(&file, view, &others)) else { continue };
            for (start, end) in places {
                if params.context.include_declaration || !definitions(&file, start) {
                    found.push(Location { uri: uri.clone(), range: encoding.range(text, start, end) });
                }
            }
        }
        answered(Some(found))
    }

    fn prepare_rename(&mut self, at: TextDocumentPositionParams) -> Answered {
        let encoding = self.encoding;
        let found = self.place(&at).and_then(|(view, offset)| {
            let (_, span) = view.index.at(FileId(0), offset)?;
            Some(range_of(view, encoding, span))
        });
        answered(found)
    }

    fn rename(&mut self, params: RenameParams) -> Answered {
        let at = params.text_document_position;
        let name = name_of(&at.text_document.uri);
        self.place(&at);
        let others = self.others(&name);
        let encoding = self.encoding;
        let nothing = || failed(ErrorCode::RequestFailed, "there is no name to change here".into());
        let position = at.position;
        let (Some(document), Some(view)) = (self.open.get(&name), self.views.get(&name)) else { return Err(nothing()) };
        let offset = encoding.offset(&document.text, position);
        let symbol: &Symbol = view.index.at(FileId(0), offset).ok_or_else(nothing)?.0;
        let renamed = ide::rename(view, symbol, &params.new_name, &others, &mut Files(&self.open));
        let places = renamed.map_err(|why| failed(ErrorCode::RequestFailed, why))?;
        // What an editor calls URIs has no interior that changes.
        #[expect(clippy::mutable_key_type)]
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (file, places) in places {
            let Some((uri, text)) = uri_of(&file).zip(text_of(&file, view, &others)) else { continue };
            let edit = |(start, end)| TextEdit::new(encoding.range(text, start, end), params.new_name.clone());
            changes.insert(uri, places.into_iter().map(edit).collect());
        }
        answered(Some(WorkspaceEdit::new(changes)))
    }

    fn completion(&mut self, params: CompletionParams) -> Answered {
        let items = self.place(&params.text_document_position).map(|(view, offset)| {
            let item = |completion: ide::Completion| CompletionItem {
                kind: Some(completion_kind(completion.what)),
                detail: Some(completion.detail).filter(|detail| !detail.is_empty()),
                label: completion.label,
                ..CompletionItem::default()
            };
            ide::completions(view, FileId(0), offset).into_iter().map(item).collect::<Vec<_>>()
        });
        answered(items)
    }

    /// The text in its canonical form; a text with slips is left as it is.
    fn formatting(&mut self, params: DocumentFormattingParams) -> Answered {
        let encoding = self.encoding;
        let edits = self.view(&name_of(&params.text_document.uri)).and_then(|view| {
            let (ast, text) = (view.loaded.asts.first()?, &view.loaded.sources.files[0].text);
            let (_, slips) = syntax::parse(&view.loaded.sources, FileId(0));
            if slips.iter().any(diagnostic::Diagnostic::is_error) {
                return None;
            }
            let canonical = syntax::format(ast, text);
            let whole = encoding.range(text, 0, text.len() as u32);
            Some(if canonical == *text { Vec::new() } else { vec![TextEdit::new(whole, canonical)] })
        });
        answered(edits)
    }

    fn symbols(&mut self, params: DocumentSymbolParams) -> Answered {
        let encoding = self.encoding;
        let symbols = self.view(&name_of(&params.text_document.uri)).map(|view| {
            ide::outline(view).into_iter().map(|entry| document_symbol(view, encoding, entry)).collect::<Vec<_>>()
        });
        answered(symbols)
    }

    /// What mends the problems in a range.
    fn actions(&mut self, params: CodeActionParams) -> Answered {
        let name = name_of(&params.text_document.uri);
        let encoding = self.encoding;
        if self.view(&name).is_none() {
            return answered(None::<()>);
        }
        let (Some(document), Some(view)) = (self.open.get(&name), self.views.get(&name)) else {
            return answered(None::<()>);
        };
        let at = |position: Position| encoding.offset(&document.text, position);
        let (start, end) = (at(params.range.start), at(params.range.end));
        let touched = view.loaded.diagnostics.iter().filter(|problem| {
            let Span { file, start: first, end: last } = problem.span;
            file == FileId(0) && first <= end && start <= last
        });
        let mut actions = Vec::new();
        for problem in touched {
            let told = problem_of(view, encoding, problem);
            for ide::Fix { title, edit } in ide::fixes(view, problem, &mut Files(&self.open)) {
                let Some(Location { uri, range }) = location(view, encoding, edit.span) else { continue };
                #[expect(clippy::mutable_key_type)]
                let changes = HashMap::from([(uri, vec![TextEdit::new(range, edit.text)])]);
                actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                    title,
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: Some(vec![told.clone()]),
                    edit: Some(WorkspaceEdit::new(changes)),
                    ..CodeAction::default()
                }));
            }
        }
        answered(Some(actions))
    }
}

fn read_as<P: serde::de::DeserializeOwned>(params: serde_json::Value) -> Result<P, Refusal> {
    serde_json::from_value(params).map_err(|error| failed(ErrorCode::InvalidParams, error.to_string()))
}

fn failed(code: ErrorCode, message: String) -> Refusal {
    Refusal { code, message }
}

fn answered(result: Option<impl Serialize>) -> Answered {
    serde_json::to_value(result).map_err(|error| failed(ErrorCode::InternalError, error.to_string()))
}

fn name_in(view: &View, span: Span) -> Option<&str> {
    view.loaded.sources.files.get(span.file.0 as usize).map(|file| file.name.as_str())
}

fn text_of<'v>(file: &str, view: &'v View, others: &'v [View]) -> Option<&'v str> {
    let files = [view].into_iter().chain(others).flat_map(|view| &view.loaded.sources.files);
    files.into_iter().find(|source| source.name == file).map(|source| source.text.as_str())
}

fn range_of(view: &View, encoding: Encoding, span: Span) -> lsp_types::Range {
    let text = view.loaded.sources.files.get(span.file.0 as usize).map_or("", |file| file.text.as_str());
    encoding.range(text, span.start, span.end)
}

fn location(view: &View, encoding: Encoding, span: Span) -> Option<Location> {
    let uri = uri_of(name_in(view, span)?)?;
    Some(Location { uri, range: range_of(view, encoding, span) })
}

#[expect(deprecated, reason = "a field that has another in its place must be filled in all the same")]
fn document_symbol(view: &View, encoding: Encoding, entry: ide::Entry) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        entry.inner.into_iter().map(|inner| document_symbol(view, encoding, inner)).collect();
    DocumentSymbol {
        name: entry.name,
        detail: None,
        kind: symbol_kind(entry.kind),
        tags: None,
        deprecated: None,
        range: range_of(view, encoding, entry.statement.to(entry.at)),
        selection_range: range_of(view, encoding, entry.at),
        children: Some(children).filter(|children| !children.is_empty()),
    }
}

/// What is wrong with a text; what is wrong with a file that it uses stands where it is used. A file of sub-circuits
/// and constants for others needs no gate.
fn problems(view: &View, encoding: Encoding) -> Vec<Diagnostic> {
    let is_library =
        ide::outline(view).iter().all(|entry| matches!(entry.kind, ide::Kind::SubCircuit | ide::Kind::Constant));
    let is_library = is_library && !ide::outline(view).is_empty();
    let all = view.loaded.diagnostics.iter().filter(|problem| !(is_library && problem.code == "no-gate"));
    all.map(|problem| problem_of(view, encoding, problem)).collect()
}

fn problem_of(view: &View, encoding: Encoding, problem: &diagnostic::Diagnostic) -> Diagnostic {
    let used = view.loaded.uses.first().into_iter().flatten();
    let place = match problem.span.file {
        FileId(0) => Some(problem.span),
        FileId(file) => {
            used.clone().find(|(used, _)| *used == file as usize).or(used.clone().next()).map(|(_, span)| *span)
        }
    };
    let place = place.unwrap_or(Span { file: FileId(0), start: 0, end: 0 });
    let mut related: Vec<(Span, String)> = problem.related.clone();
    if place != problem.span {
        related.insert(0, (problem.span, problem.label.clone()));
    }
    let related = related.into_iter().filter_map(|(span, message)| {
        Some(DiagnosticRelatedInformation { location: location(view, encoding, span)?, message })
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let help = problem.help.as_ref().map_or(String::new(), |help| format!("\nhelp: {help}"));
    Diagnostic {
        range: range_of(view, encoding, place),
        severity: Some(match problem.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        source: Some("superpose".to_owned()),
        message: format!("{}{help}", problem.headline),
        related_information: Some(related).filter(|related| !related.is_empty()),
        ..Diagnostic::default()
    }
}
