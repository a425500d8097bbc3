//! Rows that give somebody a right are bound by a key that is not in the database: edited there, they give nothing.

use data_encoding::HEXLOWER;
use serde_json::Value;

use super::Store;

impl Store {
    /// The fingerprint of what a row says; `covered` is one JSON list, so that no two rows read the same.
    pub(super) fn fingerprint(&self, covered: &Value) -> String {
        HEXLOWER.encode(&self.keys.rows.sign(covered.to_string().as_bytes()))
    }

    /// True if the row was written by this Steward as it stands.
    pub(super) fn has_fingerprint(&self, covered: &Value, mac: &str) -> bool {
        HEXLOWER.decode(mac.as_bytes()).is_ok_and(|mac| self.keys.rows.verify(covered.to_string().as_bytes(), &mac))
    }
}
