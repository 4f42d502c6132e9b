//! One guest's absolute storage: slots, keys, dirty log.
