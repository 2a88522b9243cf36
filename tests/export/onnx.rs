//! ONNX read back and run, by the definitions of the format and of `Gemm` and `Relu`. Must not know who wrote it.

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

#[derive(Debug, Clone)]
pub struct Model {
    pub operators: Vec<(String, Vec<String>, String)>,
    pub constants: BTreeMap<String, Tensor>,
    /// Of the only input, and the only output.
    pub shapes: [(String, Vec<u64>); 2],
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
        let value = |field: u64| {
            let [value] = bytes_of(graph, field)[..] else { panic!("one of field {field}") };
            let tensor = bytes_of(bytes_of(value, 2)[0], 1)[0];
            let sizes = bytes_of(bytes_of(tensor, 2)[0], 1).into_iter().map(|size| numbers_of(size, 1)[0]).collect();
            (texts_of(value, 1).remove(0), sizes)
        };
        Model { operators: operators.collect(), constants: constants.collect(), shapes: [11, 12].map(value) }
    }

    /// What comes out, in f64.
    pub fn run(&self, input: &[f64]) -> Vec<f64> {
        let [(from, _), (to, _)] = &self.shapes;
        let mut known: BTreeMap<&str, Vec<f64>> = BTreeMap::from([(from.as_str(), input.to_vec())]);
        for (operator, inputs, output) in &self.operators {
            let below = &known[inputs[0].as_str()];
            let above = match operator.as_str() {
                "Relu" => below.iter().map(|value| value.max(0.0)).collect(),
                "Gemm" => {
                    let [weight, bias] = [1, 2].map(|operand| &self.constants[&inputs[operand]]);
                    assert_eq!(weight.shape, [bias.values.len(), below.len()]);
                    let rows = weight.values.chunks(below.len()).zip(&bias.values);
                    let sum = |row: &[f32]| row.iter().zip(below).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
                    rows.map(|(row, bias)| sum(row) + f64::from(*bias)).collect()
                }
                other => panic!("{other}"),
            };
            known.insert(output, above);
        }
        known[to.as_str()].clone()
    }
}
