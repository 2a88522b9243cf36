//! Networks as ONNX, the open format of neural networks: graphs of `Gemm`, `Relu` and `Mul` over f32 tensors.
//!
//! The numbers of the fields are those of `onnx.proto`, <https://onnx.ai/onnx/repo-docs/IR.html>. A graph is put
//! together operator by operator and then written; the same graph gives the same bytes. Must not know where a graph
//! comes from, nor what it is for.

mod protobuf;

use ndarray::Array2;

use protobuf::Message;

/// What readers must know: old enough for all that are in use.
const IR_VERSION: u64 = 7;
const OPSET_VERSION: u64 = 13;

/// `TensorProto.FLOAT` and `AttributeProto.INT`.
const FLOAT: u64 = 1;
const INT: u64 = 2;

/// Tensors, and the operators that make one from another, in the order in which they run.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    name: String,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    nodes: Vec<Node>,
    constants: Vec<Constant>,
    description: String,
    /// What else a file says of it, by key.
    metadata: Vec<(String, String)>,
}

/// How large a tensor is in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Fixed(usize),
    /// Any, the same wherever it is called so.
    Named(&'static str),
}

/// A tensor that goes in or comes out.
#[derive(Debug, Clone, PartialEq)]
struct Value {
    name: String,
    shape: Vec<Size>,
}

/// An operator; what it makes has its name.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    name: String,
    operator: &'static str,
    inputs: Vec<String>,
    /// Whole numbers only.
    attributes: Vec<(&'static str, u64)>,
}

/// A tensor that the file brings along, row-major.
#[derive(Debug, Clone, PartialEq)]
struct Constant {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Graph {
    /// Without inputs, operators or outputs.
    pub fn new(name: &str) -> Graph {
        Graph {
            name: name.to_owned(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            nodes: Vec::new(),
            constants: Vec::new(),
            description: String::new(),
            metadata: Vec::new(),
        }
    }

    /// What people read of it.
    pub fn describe(&mut self, description: String) {
        self.description = description;
    }

    /// What programs read of it.
    pub fn add_metadata(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.metadata.push((key.into(), text.into()));
    }

    /// A tensor that goes in.
    pub fn input(&mut self, name: &str, shape: &[Size]) {
        self.inputs.push(Value { name: name.to_owned(), shape: shape.to_vec() });
    }

    /// What an operator of this name makes also comes out.
    pub fn output(&mut self, name: &str, shape: &[Size]) {
        self.outputs.push(Value { name: name.to_owned(), shape: shape.to_vec() });
    }

    /// `name` = `input` · Wᵀ + b: [inputs, n] from [inputs, n below]; W [n, n below] and b `[n]`, if any, each with the
    /// name that it has in the file.
    pub fn gemm(&mut self, name: &str, input: &str, weight: (String, Array2<f32>), bias: Option<(String, Vec<f32>)>) {
        let n = weight.1.nrows();
        let mut inputs = vec![input.to_owned(), self.weight(weight)];
        if let Some((name, values)) = bias {
            inputs.push(name.clone());
            self.constants.push(Constant { name, shape: vec![n], values });
        }
        self.push_gemm(name, inputs);
    }

    /// `name` = `input` · Wᵀ + `onto`: the same, added to a tensor [inputs, n] instead of b.
    pub fn gemm_onto(&mut self, name: &str, input: &str, weight: (String, Array2<f32>), onto: &str) {
        let inputs = vec![input.to_owned(), self.weight(weight), onto.to_owned()];
        self.push_gemm(name, inputs);
    }

    /// Brings a matrix along, and says what it is called.
    fn weight(&mut self, (name, weight): (String, Array2<f32>)) -> String {
        let (n, n_below) = weight.dim();
        let values = weight.as_standard_layout().iter().copied().collect();
        self.constants.push(Constant { name: name.clone(), shape: vec![n, n_below], values });
        name
    }

    fn push_gemm(&mut self, name: &str, inputs: Vec<String>) {
        self.nodes.push(Node { name: name.to_owned(), operator: "Gemm", inputs, attributes: vec![("transB", 1)] });
    }

    /// `name` = max(`input`, 0).
    pub fn relu(&mut self, name: &str, input: &str) {
        let inputs = vec![input.to_owned()];
        self.nodes.push(Node { name: name.to_owned(), operator: "Relu", inputs, attributes: Vec::new() });
    }

    /// `name` = `left` · `right`, element by element.
    pub fn mul(&mut self, name: &str, left: &str, right: &str) {
        let inputs = vec![left.to_owned(), right.to_owned()];
        self.nodes.push(Node { name: name.to_owned(), operator: "Mul", inputs, attributes: Vec::new() });
    }

    /// As a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let opset = Message::new().text(1, "").number(2, OPSET_VERSION);
        let graph = Message::new()
            .each(&self.nodes, |graph, node| graph.message(1, node.message()))
            .text(2, &self.name)
            .each(&self.constants, |graph, constant| graph.message(5, constant.message()))
            .each(&self.inputs, |graph, input| graph.message(11, input.message()))
            .each(&self.outputs, |graph, output| graph.message(12, output.message()));
        let head =
            Message::new().number(1, IR_VERSION).text(2, env!("CARGO_PKG_NAME")).text(3, env!("CARGO_PKG_VERSION"));
        let described = if self.description.is_empty() { head } else { head.text(6, &self.description) };
        let entry = |(key, text): &(String, String)| -> Message { Message::new().text(1, key).text(2, text) };
        described
            .message(7, graph)
            .message(8, opset)
            .each(&self.metadata, |model, given| model.message(14, entry(given)))
            .into_bytes()
    }
}

impl Value {
    fn message(&self) -> Message {
        let dimension = |size: Size| -> Message {
            match size {
                Size::Fixed(size) => Message::new().number(1, size as u64),
                Size::Named(name) => Message::new().text(2, name),
            }
        };
        let shape = Message::new().each(&self.shape, |shape, &size| shape.message(1, dimension(size)));
        let tensor = Message::new().number(1, FLOAT).message(2, shape);
        Message::new().text(1, &self.name).message(2, Message::new().message(1, tensor))
    }
}

impl Node {
    fn message(&self) -> Message {
        let attribute = |(name, number): &(&'static str, u64)| -> Message {
            Message::new().text(1, name).number(3, *number).number(20, INT)
        };
        Message::new()
            .each(&self.inputs, |node, input| node.text(1, input))
            .text(2, &self.name)
            .text(3, &self.name)
            .text(4, self.operator)
            .each(&self.attributes, |node, given| node.message(5, attribute(given)))
    }
}

impl Constant {
    fn message(&self) -> Message {
        let bytes: Vec<u8> = self.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Message::new()
            .each(&self.shape, |tensor, &size| tensor.number(1, size as u64))
            .number(2, FLOAT)
            .text(8, &self.name)
            .bytes(9, &bytes)
    }
}
