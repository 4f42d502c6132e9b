//! The s390 KVM interface of Linux: structs, numbers, names. Data only.
