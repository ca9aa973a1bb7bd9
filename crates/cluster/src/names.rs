//! The one function of this crate: which node computed a row. It goes along with every plan, so that
//! the result itself says who took part.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

/// The function that answers with a node's name; without a name, on nodes that compute no rows, it
/// refuses.
pub fn node(name: Option<String>) -> Arc<ScalarUDF> {
    // Volatile, so that no planner answers in the place of the node.
    Arc::new(ScalarUDF::from(Node { name, signature: Signature::nullary(Volatility::Volatile) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Node {
    name: Option<String>,
    signature: Signature,
}

impl ScalarUDFImpl for Node {
    fn name(&self) -> &str {
        "baigong_node"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match &self.name {
            Some(name) => Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(name.clone())))),
            None => exec_err!("rows are computed by executors only"),
        }
    }
}
