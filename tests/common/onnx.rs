//! ONNX read back and run, by the definitions of the format and of `Gemm`, `Relu` and `Mul`. Must not know who wrote it.

use std::collections::BTreeMap;

/// The fields of a message: number, and a number or bytes.
#[derive(Debug, Clone, Copy)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().expect("a number goes on");
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            2 => {
                let length = varint(&mut bytes) as usize;
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
            wire => panic!("wire type {wire}"),
        };
        fields.push((tag >> 3, field));
    }
    fields
}

fn bytes_of(message: &[u8], field: u64) -> Vec<&[u8]> {
    let each = fields(message).into_iter().filter(|(number, _)| *number == field);
    each.map(|(_, value)| if let Field::Bytes(bytes) = value { bytes } else { panic!("a number") }).collect()
}

fn numbers_of(message: &[u8], field: u64) -> Vec<u64> {
    let numbers = fields(message).into_iter().filter(|(number, _)| *number == field);
    numbers.map(|(_, value)| if let Field::Number(number) = value { number } else { panic!("bytes") }).collect()
}

fn texts_of(message: &[u8], field: u64) -> Vec<String> {
    bytes_of(message, field).into_iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect()
}

/// A tensor of at most two dimensions.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub shape: Vec<usize>,
    values: Vec<f32>,
}

/// What a tensor is called, and how large it is; a size that is not fixed by its name.
pub type Value = (String, Vec<String>);

#[derive(Debug, Clone)]
pub struct Model {
    pub operators: Vec<(String, Vec<String>, String)>,
    pub constants: BTreeMap<String, Tensor>,
    pub inputs: Vec<Value>,
    pub outputs: Vec<Value>,
    pub metadata: BTreeMap<String, String>,
}

fn value(value: &[u8]) -> Value {
    let tensor = bytes_of(bytes_of(value, 2)[0], 1)[0];
    let size = |size: &[u8]| match numbers_of(size, 1)[..] {
        [size] => size.to_string(),
        _ => texts_of(size, 2).remove(0),
    };
    (texts_of(value, 1).remove(0), bytes_of(bytes_of(tensor, 2)[0], 1).into_iter().map(size).collect())
}

impl Model {
    pub fn read(bytes: &[u8]) -> Model {
        let [graph] = bytes_of(bytes, 7)[..] else { panic!("one graph") };
        let nodes = bytes_of(graph, 1);
        let operators = nodes.iter().map(|node| {
            let [operator, output] = [4, 2].map(|field| texts_of(node, field).remove(0));
            let transposed: Vec<&[u8]> = bytes_of(node, 5);
            let is_transposed = transposed.iter().all(|given| {
                texts_of(given, 1) == ["transB"] && numbers_of(given, 3) == [1] && numbers_of(given, 20) == [2]
            });
            assert!(is_transposed && transposed.len() == usize::from(operator == "Gemm"), "{operator}");
            (operator, texts_of(node, 1), output)
        });
        let constants = bytes_of(graph, 5).into_iter().map(|tensor| {
            assert_eq!(numbers_of(tensor, 2), [1], "f32");
            let shape: Vec<usize> = numbers_of(tensor, 1).into_iter().map(|size| size as usize).collect();
            let [raw] = bytes_of(tensor, 9)[..] else { panic!("its values") };
            let values: Vec<f32> = raw.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
            assert_eq!(values.len(), shape.iter().product::<usize>());
            (texts_of(tensor, 8).remove(0), Tensor { shape, values })
        });
        let metadata =
            bytes_of(bytes, 14).into_iter().map(|entry| (texts_of(entry, 1).remove(0), texts_of(entry, 2).remove(0)));
        Model {
            operators: operators.collect(),
            constants: constants.collect(),
            inputs: bytes_of(graph, 11).into_iter().map(value).collect(),
            outputs: bytes_of(graph, 12).into_iter().map(value).collect(),
            metadata: metadata.collect(),
        }
    }

    /// What comes out for one row of the only input, output by output, in f64.
    pub fn run(&self, input: &[f64]) -> Vec<Vec<f64>> {
        let [(from, _)] = &self.inputs[..] else { panic!("one input") };
        let mut known: BTreeMap<&str, Vec<f64>> = BTreeMap::from([(from.as_str(), input.to_vec())]);
        for (operator, inputs, output) in &self.operators {
            let below = &known[inputs[0].as_str()];
            let above = match operator.as_str() {
                "Relu" => below.iter().map(|value| value.max(0.0)).collect(),
                "Mul" => below.iter().zip(&known[inputs[1].as_str()]).map(|(left, right)| left * right).collect(),
                "Gemm" => {
                    let weight = &self.constants[&inputs[1]];
                    // One row, as every tensor here.
                    let bias = match inputs.get(2).map(|bias| (self.constants.get(bias), known.get(bias.as_str()))) {
                        Some((Some(bias), _)) => bias.values.iter().copied().map(f64::from).collect(),
                        Some((None, tensor)) => tensor.expect("it was made before").clone(),
                        None => vec![0.0; weight.shape[0]],
                    };
                    assert_eq!(weight.shape, [bias.len(), below.len()]);
                    let rows = weight.values.chunks(below.len()).zip(&bias);
                    let sum = |row: &[f32]| row.iter().zip(below).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
                    rows.map(|(row, bias)| sum(row) + bias).collect()
                }
                other => panic!("{other}"),
            };
            known.insert(output, above);
        }
        self.outputs.iter().map(|(to, _)| known[to.as_str()].clone()).collect()
    }
}
