//! The s390 interrupt state machine: pending, deliverable, delivered.
